"""How pages of world `web` look: rules that all share, and the rules of each design.

Each rule is a word of the tokenizer, so a design is a dozen words; pages of one site keep their design and palette.
"""

from training.corpus.design import PALETTES

SHARED = (
    "*{box-sizing:border-box;margin:0}",
    ":focus-visible{outline:3px solid;outline-offset:3px}",
    "header,footer,form,.tabs,.tiles,.row{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center}",
    "input,textarea,button{font:inherit;font-size:1rem;min-width:0;padding:.5em 1em;border:1px solid var(--line);"
    "border-radius:var(--r);background:var(--card);color:var(--fg)}",
    "button{background:var(--acc);color:var(--on);font-weight:600;cursor:pointer;transition:filter .2s,translate .2s}",
    "::placeholder{color:var(--mut);opacity:1}",
    "main{padding-bottom:2.5rem}",
    "article>:last-child{margin:0}",
    "main .tabs{margin:1.6rem 0 0}",
    "button:hover{filter:brightness(1.15);translate:0 -1px}",
    "a{color:var(--acc);text-decoration-thickness:1px;text-underline-offset:.22em}",
)

PLAIN = (
    "body{--line:color-mix(in srgb,var(--mut) 35%,transparent);--r:.3rem;background:var(--bg);color:var(--fg);"
    "font:1.1rem/1.65 Charter,'Iowan Old Style',Georgia,'Liberation Serif',serif;padding:0 max(1.2rem,50vw - 24rem)}",
    "header{justify-content:space-between;padding:1.3rem 0;border-bottom:1px solid var(--line)}",
    "header b{font-style:italic;font-size:1.35rem;font-weight:400;color:var(--acc)}",
    "h1{font-size:clamp(2.3rem,8vw,3.6rem);font-weight:400;line-height:1.08;letter-spacing:-.02em;"
    "margin:clamp(1.8rem,6vw,3.4rem) 0 1rem;text-wrap:balance;overflow-wrap:anywhere}",
    "main p{margin:0 0 1.1rem;max-width:42rem;text-wrap:pretty}",
    ".lead{font-size:1.3rem;line-height:1.5}",
    "h2{font-size:1.15rem;font-style:italic;font-weight:400;color:var(--mut);margin:2.4rem 0 .6rem}",
    ".tiles a{padding:.2rem 0}",
    "a:hover{text-decoration-thickness:3px}",
    "article{padding:1.2rem 0;border-top:1px solid var(--line)}",
    ".art{min-height:5.5rem;margin:1.4rem 0;border-block:1px solid var(--line);background:"
    "repeating-radial-gradient(circle at 22% 150%,var(--acc) 0 1px,#0000 1px 11px),"
    "repeating-radial-gradient(circle at 80% -60%,var(--line) 0 1px,#0000 1px 9px)}",
    "footer{margin:.5rem 0 0;padding:1.2rem 0 2.4rem;border-top:1px solid var(--line);"
    "font-size:.95rem;color:var(--mut)}",
)

CARDS = (
    "body{--line:color-mix(in srgb,var(--mut) 28%,transparent);--r:.75rem;color:var(--fg);background:var(--bg) "
    "linear-gradient(color-mix(in srgb,var(--acc) 16%,var(--bg)),var(--bg) 24rem) no-repeat;"
    "font:1.05rem/1.6 Inter,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif;"
    "padding:0 max(1rem,50vw - 27rem)}",
    "header{justify-content:space-between;margin:1rem 0;padding:.7rem 1.1rem;background:var(--card);"
    "border-radius:1.1rem;box-shadow:0 1px 2px #0002,0 8px 24px #0001}",
    "header b{font-size:1.2rem;font-weight:800;letter-spacing:-.02em;color:var(--acc)}",
    "h1{font-size:clamp(2.1rem,7vw,3.3rem);font-weight:800;line-height:1.1;letter-spacing:-.035em;"
    "margin:clamp(1.4rem,5vw,2.6rem) 0 1rem;text-wrap:balance;overflow-wrap:anywhere}",
    "main p{margin:0 0 1rem;max-width:64ch;text-wrap:pretty}",
    ".lead{font-size:1.2rem}",
    "h2{font-size:1.2rem;font-weight:700;letter-spacing:-.01em;margin:2.2rem 0 .8rem}",
    ".tiles a{padding:.5rem 1rem;border-radius:2rem;background:var(--card);border:1px solid var(--line);"
    "font-weight:600;text-decoration:none;transition:.2s}",
    ".tiles a:hover{background:var(--acc);color:var(--on);translate:0 -2px}",
    "article{padding:1.1rem 1.2rem;margin:0 0 .9rem;background:var(--card);"
    "border-radius:1.1rem;box-shadow:0 1px 2px #0002,0 8px 24px #0001}",
    ".art{min-height:8rem;border-radius:.9rem;margin:0 0 1.2rem;background:"
    "radial-gradient(circle at 74% 34%,var(--card) 0 1.5rem,#0000 1.6rem),"
    "radial-gradient(ellipse 70% 90% at 15% 110%,var(--acc) 99%,#0000),"
    "radial-gradient(ellipse 80% 80% at 90% 120%,color-mix(in srgb,var(--acc) 55%,var(--bg)) 99%,#0000),"
    "color-mix(in srgb,var(--acc) 24%,var(--card))}",
    "footer{padding:1.2rem 0 2.2rem;font-size:.95rem;color:var(--mut)}",
)

MAGAZINE = (
    "body{--line:color-mix(in srgb,var(--mut) 35%,transparent);--r:0;background:var(--bg);color:var(--fg);"
    "overflow-x:clip;font:1.08rem/1.65 'Helvetica Neue',Arial,'Liberation Sans',sans-serif;"
    "padding:0 max(1.2rem,50vw - 30rem)}",
    "header,h1{background:var(--acc);color:var(--on);box-shadow:0 0 0 100vmax var(--acc);clip-path:inset(0 -100vmax)}",
    "header{justify-content:space-between;padding:1.1rem 0}",
    "header a,header button{color:inherit;background:none;border-color:currentColor}",
    "header b{font:italic 700 1.5rem Georgia,'Liberation Serif',serif}",
    "h1{font:700 clamp(2.6rem,11vw,6rem)/1 Didot,'Bodoni MT',Georgia,'Liberation Serif',serif;letter-spacing:-.03em;"
    "padding:clamp(1.5rem,7vw,4.5rem) 0 clamp(1.2rem,4vw,2rem);margin:-1px 0 2rem;"
    "text-wrap:balance;overflow-wrap:anywhere}",
    "main p{margin:0 0 1.1rem;max-width:64ch;text-wrap:pretty}",
    ".lead{display:flow-root;font:1.35rem/1.5 Georgia,'Liberation Serif',serif}",
    ".art+.lead::first-letter{float:left;font-size:3.4em;line-height:.82;padding:.06em .1em 0 0;color:var(--acc)}",
    "h2{font:italic 700 1.5rem Georgia,'Liberation Serif',serif;margin:2.6rem 0 1rem;padding:.7rem 0 0;"
    "border-top:4px solid var(--fg)}",
    ".tiles a{flex:1 1 11rem;padding:.7rem 0;border-bottom:1px solid var(--line);"
    "font:700 1.15rem Georgia,'Liberation Serif',serif;text-decoration:none;color:var(--fg)}",
    "main a:hover{color:var(--acc);text-decoration:underline}",
    "article{padding:1.1rem 0 1.2rem;border-top:1px solid var(--fg)}",
    ".art{min-height:8rem;margin:0 0 1.4rem;background:"
    "conic-gradient(from 45deg at 30% 50%,var(--acc) 25%,#0000 0 50%,var(--fg) 0 75%,#0000 0) 0 0/6rem 6rem,"
    "color-mix(in srgb,var(--acc) 22%,var(--card))}",
    "footer{margin:.5rem 0 0;padding:1.2rem 0 2.4rem;border-top:4px solid var(--fg);font-size:.95rem;color:var(--mut)}",
)

WEB_DESIGNS: dict[str, tuple[str, ...]] = {"plain": PLAIN, "cards": CARDS, "magazine": MAGAZINE}


def style(design: str, palette: str, *rules: str) -> list[str]:
    """The style sheet of a page, rule by rule: palette, what all share, the design, then the family's own rules."""
    return [PALETTES[palette].rule(), *SHARED, *WEB_DESIGNS[design], *rules]
