# ruff: noqa: E501 - a CSS rule is one word to the tokenizer, so it is one line here
"""Styles of world "os": three designs, each a fixed list of whole CSS rules, and the few rules of each application."""

from training.corpus.app_style import RESET, swapped
from training.corpus.design import PALETTES

DESIGNS: dict[str, tuple[str, ...]] = {
    "glass": (
        "body{height:100vh;overflow:hidden;display:grid;grid-template:34px 1fr auto/100%;font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:radial-gradient(at 8% 0,color-mix(in srgb,var(--acc) 52%,#0000),#0000 60%),radial-gradient(at 80% 110%,color-mix(in srgb,var(--acc) 44%,#0000),#0000 55%),var(--bg)}",
        ".bar{display:flex;justify-content:space-between;align-items:center;padding:0 18px;background:color-mix(in srgb,var(--card) 72%,#0000);font-size:13px}",
        "h1,h2,h2 button{font:600 14px/24px system-ui,sans-serif;margin:auto;overflow-wrap:anywhere}",
        "button{font:inherit;border:0;border-radius:10px;background:none;color:inherit;cursor:pointer}",
        "main{display:grid;place-items:center;min-height:0;padding:18px}",
        ".win{grid-area:1/1;position:relative;width:min(560px,100%);max-height:100%;overflow:auto;background:var(--card);border-radius:16px;box-shadow:0 0 0 1px #8883,0 30px 70px -18px #0008}",
        ".win>header{display:flex;align-items:center;padding:9px 42px 9px 14px;border-bottom:1px solid #8883;cursor:grab;touch-action:none;user-select:none}",
        ".shut{flex:none;width:24px;height:24px;padding:0;font-size:0;background:radial-gradient(#e5484d 46%,#0000 52%)}",
        "img{display:block;width:46px;height:46px;border-radius:12px;box-shadow:0 1px 2px #0003,0 6px 12px -6px #0007}",
        ".icons{grid-area:1/1;place-self:start end;display:grid;gap:8px}",
        "nav button,.grid button{display:grid;flex:none;justify-items:center;gap:5px;width:80px;padding:8px 0;font-size:12px;line-height:1.25;overflow-wrap:anywhere}",
        ".dock{display:flex;justify-self:center;max-width:100%;overflow:auto;margin-bottom:14px;padding:4px 8px;border-radius:22px;background:color-mix(in srgb,var(--card) 76%,#0000);box-shadow:0 0 0 1px #8883,0 16px 34px -14px #0006}",
    ),
    "retro": (
        'body{height:100vh;overflow:hidden;display:grid;grid-template:32px 1fr auto/100%;font:14px/1.45 "Lucida Console",Monaco,"DejaVu Sans Mono",monospace;color:var(--fg);background:var(--bg) conic-gradient(#0000 75%,color-mix(in srgb,var(--acc) 45%,#0000) 0) 0 0/4px 4px}',
        ".bar{display:flex;justify-content:space-between;align-items:center;padding:0 14px;background:var(--card);border-bottom:2px solid var(--fg)}",
        "h1,h2,h2 button{font-size:14px;line-height:20px;padding:0 8px;margin:auto;background:var(--card);overflow-wrap:anywhere}",
        "button{font:inherit;border:0;border-radius:0;background:var(--card);color:inherit;cursor:pointer}",
        "main{display:grid;place-items:center;min-height:0;padding:18px}",
        ".win{grid-area:1/1;position:relative;width:min(560px,100%);max-height:100%;overflow:auto;background:var(--card);border:2px solid var(--fg);box-shadow:5px 5px 0 var(--fg)}",
        ".win>header{display:flex;align-items:center;padding:5px 38px 5px 8px;border-bottom:2px solid var(--fg);background:repeating-linear-gradient(var(--card) 0 3px,var(--fg) 3px 4px);cursor:grab;touch-action:none;user-select:none}",
        ".shut{flex:none;width:22px;height:22px;padding:0;font-size:0;border:2px solid var(--fg);box-shadow:inset 0 0 0 3px var(--card),inset 0 0 0 9px var(--acc)}",
        "img{display:block;width:38px;height:38px;border:2px solid var(--fg);filter:grayscale(1) contrast(1.3)}",
        ".icons{grid-area:1/1;place-self:start end;display:grid;gap:12px}",
        "nav button,.grid button{display:grid;flex:none;justify-items:center;gap:6px;width:100px;padding:7px 2px;font-size:12px;line-height:1.25;overflow-wrap:anywhere}",
        ".dock{display:flex;justify-content:safe center;overflow:auto;background:var(--card);border-top:2px solid var(--fg)}",
    ),
    "flat": (
        'body{height:100vh;overflow:hidden;display:grid;grid-template:"d b" 46px "d m" 1fr/86px 1fr;font:15px/1.5 Helvetica,Arial,sans-serif;color:var(--fg);background:var(--bg) radial-gradient(circle at 100% 100%,color-mix(in srgb,var(--acc) 22%,#0000) 46vmin,color-mix(in srgb,var(--acc) 10%,#0000) 46.1vmin 76vmin,#0000 76.1vmin)}',
        ".bar{grid-area:b;display:flex;justify-content:space-between;align-items:center;padding:0 24px;color:var(--fg)}",
        "h1,h2,h2 button{font:700 17px/26px Helvetica,Arial,sans-serif;margin-right:auto;overflow-wrap:anywhere}",
        "button{font:inherit;border:0;border-radius:6px;background:none;color:inherit;cursor:pointer}",
        "main{grid-area:m;display:grid;place-items:center;min-height:0;padding:18px}",
        ".win{grid-area:1/1;position:relative;width:min(560px,100%);max-height:100%;overflow:auto;background:var(--card);border-radius:8px;box-shadow:0 12px 40px #0004}",
        ".win>header{display:flex;flex-direction:row-reverse;align-items:center;padding:12px 14px 12px 22px;background:var(--acc);color:var(--on);cursor:grab;touch-action:none;user-select:none}",
        ".shut{flex:none;width:26px;height:26px;padding:0;font-size:0;background:linear-gradient(45deg,#0000 46%,var(--on) 46.5% 53.5%,#0000 54%),linear-gradient(-45deg,#0000 46%,var(--on) 46.5% 53.5%,#0000 54%)}",
        "img{display:block;width:42px;height:42px;border-radius:50%}",
        ".icons{grid-area:1/1;place-self:start end;display:grid;gap:10px}",
        "nav button,.grid button{display:grid;flex:none;justify-items:center;gap:4px;width:80px;padding:7px 0;font-size:12px;line-height:1.25;overflow-wrap:anywhere}",
        ".dock{grid-area:d;display:flex;flex-direction:column;align-items:center;justify-content:safe center;overflow:auto;background:var(--card)}",
    ),
}
SHARED = (
    "button:hover{background-color:color-mix(in srgb,var(--acc) 16%,#0000)}",
    ":focus-visible{outline:2px solid var(--acc);outline-offset:-2px}",
)
BACK = (
    ".back{place-self:start}",
    ".back+.win{margin-top:54px;max-height:calc(100% - 54px)}",
    ".ghost{height:230px;margin:16px;background:repeating-linear-gradient(#8884 0 10px,#0000 10px 26px)}",
)
SECOND = (
    ".back+.back{margin:54px 0 0 40px;width:min(560px,100% - 40px)}",
    ".back+.back+.win{margin-top:108px;max-height:calc(100% - 108px)}",
)
TOLD = ".back p:not(.ghost){height:230px;padding:14px 20px;overflow:hidden;color:var(--mut)}"
"""Of windows behind: of more than one, of those whose text is known."""
DECK = ".deck{display:flex;align-items:center;gap:16px;padding:6px 22px 20px}"
KEYS = ".deck button{padding:6px 16px;background:#8882}"
TOP = ".deck{padding:14px 22px 10px}"
GRID = (".grid{display:flex;flex-wrap:wrap;gap:8px 14px;padding:16px;min-height:210px;align-content:start}",)
APPLICATIONS: dict[str, tuple[str, ...]] = {
    "Files": GRID,
    "Notes": (
        "textarea{display:block;width:100%;height:250px;padding:18px 22px;border:0;background:none;color:inherit;font:17px/1.6 Georgia,serif;resize:none}",
    ),
    "Mail": (
        "details{padding:12px 20px;border-bottom:1px solid #8883}",
        "summary{display:flex;gap:14px;cursor:pointer}",
        "summary b{flex:0 0 120px;overflow-wrap:anywhere}",
        "details p{padding:8px 0 4px;color:var(--mut)}",
    ),
    "Music": (
        "ol{list-style:none;padding:10px}",
        "li button{width:100%;padding:9px 12px;text-align:left}",
        "[aria-current=true],.play{background:var(--acc);color:var(--on)}",
        DECK,
        ".play{padding:8px 20px;font-weight:600}",
        "progress{flex:1;min-width:0;height:6px;accent-color:var(--acc)}",
    ),
    "Calculator": (
        "output{display:block;padding:10px 24px 4px;font-size:40px;line-height:1.2;text-align:right;font-variant-numeric:tabular-nums;overflow:hidden}",
        ".keys{display:grid;grid-template-columns:repeat(4,1fr);gap:6px;padding:8px 16px 16px}",
        ".keys button{padding:7px 0;font-size:18px;background:#8882}",
        ".keys .sign{background:var(--acc);color:var(--on)}",
        ".keys .wipe{grid-column:1/-1;padding:5px 0}",
    ),
    "Clock": (
        ".face{display:block;width:210px;margin:22px auto 4px;fill:none;stroke:var(--fg);stroke-width:3;stroke-linecap:round}",
        ".face path{transform-origin:50% 50%}",
        ".face path:last-child{stroke:var(--acc);stroke-width:1.5}",
        "output{display:block;padding:4px 0 20px;font-size:26px;text-align:center;font-variant-numeric:tabular-nums}",
    ),
    "Settings": (
        ".set{display:flex;justify-content:space-between;align-items:center;padding:14px 24px;border-bottom:1px solid #8883;cursor:pointer}",
        "[type=checkbox]{appearance:none;width:44px;height:24px;border-radius:12px;background:radial-gradient(circle at 12px,var(--card) 8px,var(--mut) 8.5px)}",
        ":checked{background:radial-gradient(circle at 32px,var(--card) 8px,var(--acc) 8.5px)}",
        ".large{zoom:1.2}",
        ".bare .dock{display:none}",
        ".plain img{filter:grayscale(1)}",
    ),
    "Terminal": (
        ".out,.line{padding:16px 20px 0;background:#10141b;color:#d3e6d8;font:14px/1.6 ui-monospace,Menlo,Consolas,monospace}",
        ".out{height:250px;overflow:auto;overflow-wrap:anywhere}",
        ".out ul{columns:2;list-style:none;padding:0;color:#8fd0ff}",
        ".line{display:flex;gap:10px;padding:8px 20px 18px}",
        ".line input{flex:1;min-width:0;border:0;background:none;color:inherit;font:inherit}",
    ),
    "Calendar": (
        DECK,
        TOP,
        KEYS,
        ".deck output{flex:1;font-size:18px;font-weight:600;text-align:center}",
        "table{width:calc(100% - 32px);margin:0 16px 16px;table-layout:fixed;text-align:center;border-collapse:collapse;font-variant-numeric:tabular-nums}",
        "th{padding:4px 0;font-size:12px;font-weight:600;color:var(--mut)}",
        "td{height:40px;border-top:1px solid #8883}",
        "[aria-current=date]{background:radial-gradient(circle,var(--acc) 15px,#0000 15.5px);color:var(--on);font-weight:700}",
    ),
    "Photos": (
        ".photos{position:relative;display:grid;grid-template-columns:repeat(3,1fr);gap:12px;padding:16px}",
        ".photos button{display:grid;grid-template-rows:1fr auto;gap:5px;padding:0;font-size:12px}",
        ".photos svg{width:100%;height:118px;border-radius:6px}",
        ".photos [aria-pressed=true]{position:absolute;inset:0;z-index:1;padding:16px;border-radius:0;background:var(--card)}",
        ".photos [aria-pressed=true] svg{height:100%}",
    ),
    "Processes": (
        DECK,
        TOP,
        KEYS,
        ".deck output{margin-left:auto;color:var(--mut)}",
        "table{width:calc(100% - 44px);margin:0 22px 18px;border-collapse:collapse;text-align:left}",
        "tr{border-top:1px solid #8883}",
        "th{padding:9px 0;font-weight:500}",
        "td{width:45%}",
        "td:last-child{width:90px;text-align:right}",
        "td button{padding:3px 14px;background:#8882}",
        "progress{width:100%;height:8px;accent-color:var(--acc)}",
    ),
    "Paint": (
        DECK,
        TOP,
        KEYS,
        ".deck .ink{width:28px;height:28px;padding:0;border-radius:50%;box-shadow:0 0 0 1px #8886}",
        ".ink[aria-pressed=true]{outline:2px solid var(--fg);outline-offset:2px}",
        ".deck .wipe{margin-left:auto}",
        "canvas{display:block;width:calc(100% - 32px);margin:0 16px 16px;background:#fffdf8;border-radius:6px;box-shadow:0 0 0 1px #8884;cursor:crosshair;touch-action:none}",
    ),
    "Contacts": (
        ".people{display:grid;grid-template-columns:2fr 3fr;min-height:280px}",
        "ol{list-style:none;padding:10px;border-right:1px solid #8883}",
        "li button{width:100%;padding:9px 12px;text-align:left;overflow-wrap:anywhere}",
        "[aria-current=true],.face{background:var(--acc);color:var(--on)}",
        ".card{place-self:center;display:grid;justify-items:center;gap:6px;padding:16px;color:var(--mut);overflow-wrap:anywhere}",
        ".face{width:96px;border-radius:50%;font:600 44px/96px system-ui,sans-serif;text-align:center;text-transform:uppercase}",
        ".card h2{margin:0;padding:0;background:none;font-size:22px;color:var(--fg)}",
    ),
    "Lock Screen": (
        ".bar,main{grid-column:1/-1}",
        ".win{width:min(330px,100%);padding:30px 28px 28px;display:grid;gap:12px;justify-items:center;text-align:center}",
        ".win time{font-size:64px;font-weight:300;line-height:1;font-variant-numeric:tabular-nums}",
        ".date{color:var(--mut)}",
        ".user{width:92px;height:92px;margin:14px 0 0;border-radius:50%;background:var(--acc);fill:var(--on)}",
        ".win h2{margin:0;padding:0;background:none;font-size:20px}",
        ".pass{display:flex;width:100%;border:1px solid var(--mut);border-radius:8px;background:var(--bg)}",
        ".pass input{flex:1;min-width:0;padding:9px 14px;border:0;background:none;color:inherit;font:inherit}",
        "::placeholder{color:var(--mut);opacity:1}",
        ".pass button{padding:0 14px;font-size:13px;background:none}",
        ".go{width:100%;padding:10px;font-weight:600;background:var(--acc);color:var(--on)}",
    ),
    "Notifications": (
        ".win{place-self:stretch end;width:min(380px,100%)}",
        ".win>header{cursor:auto;touch-action:auto}",
        DECK,
        TOP,
        KEYS,
        ".deck output{flex:1;color:var(--mut)}",
        ".card{display:flex;align-items:center;gap:14px;margin:0 14px 10px;padding:12px;border-radius:10px;background:var(--bg)}",
        ".card p{flex:1;min-width:0;overflow-wrap:anywhere;color:var(--mut);font-size:14px}",
        ".card b{display:block;color:var(--fg);font-size:15px}",
        ".card button{padding:2px 9px;font-size:18px;background:none}",
        ".card img{flex:none}",
    ),
}


def rules(palette: str, design: str, application: str, back: bool) -> list[str]:
    """The style of a screen; application: the front window's, "" for none; back: whether a window stands behind it."""
    swap = (swapped(palette),) if application == "Settings" else ()
    own = APPLICATIONS[application] if application else ()
    return [PALETTES[palette].rule(), *swap, RESET, *DESIGNS[design], *SHARED, *(BACK if back else ()), *own]
