# ruff: noqa: E501 - a CSS rule is one word to the tokenizer, so it is one line here
"""Styles of world "app": three designs, each a fixed list of whole CSS rules in a fixed order.

`rules(palette, design, own, dark_mode)` gives a page's list. The class "alt" on <html> swaps the palette for its
counterpart; its rule is there only when the page has a dark mode button.
"""

from collections.abc import Sequence

from training.corpus.design import DARK, PALETTES

RESET = "*{box-sizing:border-box;margin:0}"
DESIGNS: dict[str, tuple[str, ...]] = {
    "soft": (
        "body{font:17px/1.5 ui-rounded,system-ui,sans-serif;background:var(--bg);color:var(--fg);min-height:100vh;padding:9vh 16px}",
        "main{max-width:500px;margin:auto;padding:30px;background:var(--card);border-radius:28px;box-shadow:0 1px 2px #0002,0 30px 60px -30px #0005}",
        "header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 14px}",
        "h1{font-size:29px;line-height:1.2;letter-spacing:-.02em;margin-right:auto;overflow-wrap:anywhere}",
        "button{font:inherit;font-size:14px;font-weight:600;padding:7px 14px;border:0;border-radius:99px;background:var(--bg);color:var(--fg);cursor:pointer}",
        "button:hover{box-shadow:inset 0 0 0 2px var(--acc)}",
        "[aria-pressed=true],.main{background:var(--acc);color:var(--on)}",
        ":focus-visible{outline:3px solid var(--acc);outline-offset:2px}",
        ".tools{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 14px}",
    ),
    "sharp": (
        "body{font:500 16px/1.5 Helvetica,Arial,sans-serif;background:var(--bg);color:var(--fg);min-height:100vh;padding:9vh 16px}",
        "main{max-width:520px;margin:auto;padding:28px;background:var(--card);border:3px solid var(--fg);box-shadow:9px 9px 0 var(--acc)}",
        "header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 14px;margin:-28px -28px 0;padding:16px 28px;border-bottom:3px solid var(--fg)}",
        "h1{font-size:32px;line-height:1.15;font-weight:800;letter-spacing:-.04em;margin-right:auto;overflow-wrap:anywhere}",
        "button{font:inherit;font-size:14px;font-weight:700;padding:8px 14px;border:2px solid var(--fg);background:var(--card);color:var(--fg);cursor:pointer}",
        "button:hover{background:var(--fg);color:var(--card)}",
        "[aria-pressed=true],.main{background:var(--acc);color:var(--on)}",
        ":focus-visible{outline:3px dashed var(--acc);outline-offset:3px}",
        ".tools{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 16px}",
    ),
    "ruled": (
        "body{font:18px/36px Georgia,serif;background:var(--bg);color:var(--fg);min-height:100vh;padding:7vh 16px}",
        "main{max-width:500px;margin:auto;padding:18px 26px 36px 66px;border-radius:3px;background:linear-gradient(90deg,#0000 48px,var(--acc) 48px 50px,#0000 50px),repeating-linear-gradient(var(--card) 0 35px,#8885 35px 36px);box-shadow:0 1px 3px #0004,0 18px 34px -16px #0005}",
        "header{display:flex;flex-wrap:wrap;align-items:center;gap:0 14px;min-height:54px}",
        "h1{font:italic 32px/54px Georgia,serif;margin-right:auto;overflow-wrap:anywhere}",
        "button{font:italic 16px/28px Georgia,serif;padding:0 9px;border:0;border-radius:4px;background:none;color:var(--fg);cursor:pointer;text-decoration:underline dotted 1px;text-underline-offset:4px}",
        "button:hover{text-decoration:underline 2px var(--acc)}",
        "[aria-pressed=true],.main{background:var(--acc);color:var(--on);text-decoration:none}",
        ":focus-visible{outline:2px solid var(--acc);outline-offset:1px}",
        ".tools{display:flex;flex-wrap:wrap;align-items:center;gap:8px 6px;padding:4px 0;margin-left:-9px}",
    ),
}
TODO: dict[str, tuple[str, ...]] = {
    "soft": (
        "form{display:flex;gap:8px;margin:20px 0 16px}",
        "form input{flex:1;min-width:0;font:inherit;padding:10px 18px;border:0;border-radius:99px;background:var(--bg);color:var(--fg)}",
        "li{display:flex;align-items:center;padding:11px 0;border-top:1px solid var(--bg)}",
        "[type=checkbox]{appearance:none;flex:none;width:24px;height:24px;border:2px solid var(--mut);border-radius:50%}",
    ),
    "sharp": (
        "form{display:flex;margin:22px 0 18px}",
        "form input{flex:1;min-width:0;font:inherit;padding:9px 12px;border:2px solid var(--fg);border-right:0;border-radius:0;background:var(--bg);color:var(--fg)}",
        "li{display:flex;align-items:center;padding:10px 0;border-bottom:2px solid var(--fg)}",
        "[type=checkbox]{appearance:none;flex:none;width:22px;height:22px;border:2px solid var(--fg)}",
    ),
    "ruled": (
        "form{display:flex;gap:8px;align-items:center;height:36px}",
        "form input{flex:1;min-width:0;font:italic 18px/34px Georgia,serif;padding:0;border:0;background:none;color:var(--fg)}",
        "li{display:flex;align-items:center;height:auto;min-height:36px}",
        "[type=checkbox]{appearance:none;flex:none;width:18px;height:18px;border:1.5px solid var(--mut);border-radius:4px}",
    ),
}
TODO_SHARED = (
    "ul{list-style:none;padding:0}",
    "li label{flex:1;display:flex;align-items:center;gap:14px;min-width:0;cursor:pointer}",
    ":checked{border-color:var(--acc);background:var(--acc)}",
    ':checked::before{content:"";display:block;width:64%;height:64%;margin:18%;background:var(--on);clip-path:polygon(14% 44%,0 62%,45% 100%,100% 16%,82% 4%,41% 68%)}',
    "li span{overflow-wrap:anywhere}",
    "li span::first-letter{text-transform:uppercase}",
    ".done span{color:var(--mut);text-decoration:line-through}",
    "li .del{padding:0 10px;border:0;background:none;color:var(--mut);text-decoration:none}",
    '.del::before{content:"\\d7";font-size:20px}',
    ".left,::placeholder{color:var(--mut);opacity:1}",
    "[data-show=active] .done,[data-show=done] li:not(.done){display:none}",
    'ul:empty::before{content:"All clear. Enjoy the day.";color:var(--mut)}',
)
DIAL: dict[str, tuple[str, ...]] = {
    "soft": (
        "output{display:block;padding:26px 0;font-size:92px;font-weight:700;line-height:1.2;text-align:center;font-variant-numeric:tabular-nums;letter-spacing:-.04em}",
    ),
    "sharp": (
        "output{display:block;padding:26px 0;font-size:96px;font-weight:800;line-height:1.2;text-align:center;font-variant-numeric:tabular-nums;letter-spacing:-.06em}",
    ),
    "ruled": (
        "output{display:block;padding:18px 0;font:italic 90px/108px Georgia,serif;text-align:center;font-variant-numeric:lining-nums tabular-nums}",
    ),
}
DIAL_SHARED = (".row{display:flex;justify-content:center;gap:10px}", ".row button{flex:1;font-size:18px}")


def swapped(palette: str) -> str:
    """The palette's rule for a page with a dark mode button: what the class "alt" on <html> swaps to."""
    other = PALETTES["paper" if palette in DARK else "night"]
    return other.rule().replace(":root", ".alt")


def rules(palette: str, design: str, own: Sequence[str], dark_mode: bool) -> list[str]:
    """The style of a page: palette, its counterpart if dark_mode, the design, and the page's own rules."""
    swap = (swapped(palette),) if dark_mode else ()
    return [PALETTES[palette].rule(), *swap, RESET, *DESIGNS[design], *own]
