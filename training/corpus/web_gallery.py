"""A gallery: drawn pictures with captions; a click on one shows it large.

What evaluation may rely on (feature "enlarge"): each picture is an `svg` in a `button.shot`, which says by
aria-expanded whether it is large; a click on it makes it large, the next click small again.
"""

from training.corpus.page import text
from training.corpus.web_parts import FACTS, READ, TIME, elsewhere, h1, header, paragraphs
from training.corpus.web_place import Place
from training.corpus.web_subject import Look, Subject

ASKS = (
    "a gallery of {many}", "a picture gallery of {one}", "a photo gallery about {many}", "gallery: {title}",
    "gallery of {title}", "{title} photo gallery", "pictures of {many}",
    "show me pictures of {title}", "photos of {many}",
    "images of {title}", "an image gallery for {one}", "a photo album of {many}", "an exhibition about {title}",
    "{one} pictures", "a grid of pictures of {many}", "{title} photos", "a slideshow of {many}",
    "illustrations of {title}",
)  # fmt: skip
UNKNOWN = "Seen through our eyes."
MOMENTS = ("Morning", "Noon", "Evening", "Night")
LIGHTS = (
    "<circle class=glow cx=88 cy=26 r=13 />", "<circle class=glow cx=34 cy=40 r=17 />",
    '<path class=glow d="M92 12a16 16 0 1 0 12 26A20 20 0 0 1 92 12z"/>',
)  # fmt: skip
HILLS = (
    '<path class=far d="M0 62 32 30l22 22 20-26 46 40v14H0z"/>',
    '<path class=far d="M0 56q30-24 60 0t60-4v28H0z"/>',
    '<path class=far d="M14 80V34h16V22h18v58M58 80V40h20v40M86 80V28h14v52z"/>',
)  # fmt: skip
GROUNDS = (
    '<path class=near d="M0 70q40-16 70-2t50-4v16H0z"/>',
    '<path class=near d="M0 80V68h120v12zM20 68l8-24 8 24zM36 68l6-17 6 17zM96 68l7-20 7 20z"/>',
    '<path class=near d="M0 66q10 6 20 0t20 0 20 0 20 0 20 0 20 0v14H0z"/>',
    '<path class=near d="M0 80V72h120v8zM44 72V58l14-11 14 11v14z"/>',
)  # fmt: skip
GRID = (
    ".shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));"
    "gap:1.6rem 1.2rem;margin:1.6rem 0}"
)
SHOT = ".shot{display:block;width:100%;padding:0;overflow:hidden;cursor:zoom-in}"
DRAWN = ".shot svg{display:block;width:100%;background:color-mix(in srgb,var(--acc) 18%,var(--card))}"
FAR = ".far{fill:color-mix(in srgb,var(--acc) 48%,var(--bg))}"
NEAR = ".near{fill:var(--acc)}"
GLOW = ".glow{fill:color-mix(in srgb,var(--acc) 20%,#fff)}"
CAPTION = "figcaption{margin:.5rem 0 0;font-weight:600}"
LARGE = (
    ".shot[aria-expanded=true]{position:fixed;inset:0;z-index:9;display:grid;place-items:center;height:100%;"
    "border:0;border-radius:0;background:var(--bg);translate:none;cursor:zoom-out}"
)
FILL = ".shot[aria-expanded=true] svg{width:min(94vw,140vh);border-radius:var(--r)}"
ENLARGE = "for(const b of document.querySelectorAll('.shot'))b.onclick=()=>b.ariaExpanded=b.ariaExpanded!='true'\n"
BUTTON = "<button class=shot type=button aria-label=Enlarge aria-expanded=false>"


def body(look: Look, subject: Subject, _: tuple[str, ...]) -> str:
    links = [f"<a href=/gallery>{text(link)}</a>" for link in subject.links] or MOMENTS
    shots = "".join(shot(look, at, caption) for at, caption in enumerate(links))
    told = f"{paragraphs(subject.first() or UNKNOWN)}<section class=shots>{shots}</section>"
    top = header("Atelier", elsewhere(subject.title, "read", "facts", "time"))
    return f"{top}<main>{h1(subject.title)}{told}</main>"


def shot(look: Look, at: int, caption: str) -> str:
    layers = "".join(look.pick(shapes, at) for shapes in (LIGHTS, HILLS, GROUNDS))
    drawing = f'<svg viewBox="0 0 120 80" aria-hidden=true>{layers}</svg>'
    return f"<figure>{BUTTON}{drawing}</button><figcaption>{caption}</figcaption></figure>"


RULES = (READ, FACTS, TIME, GRID, SHOT, DRAWN, FAR, NEAR, GLOW, CAPTION, LARGE, FILL)
GALLERY = Place("gallery", "/gallery", ASKS, body, RULES, (ENLARGE,), "enlarge").family()
