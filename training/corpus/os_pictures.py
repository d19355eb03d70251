"""Windows with pictures: photos to look at, and a sheet to paint on.

What evaluation may rely on, by feature:
"photos": a click on a button in `.photos` makes its picture larger (`aria-pressed=true`), another makes it small again.
"paint": a pointer that moves over `canvas` while pressed draws in the colour of the `button.ink` that is
`aria-pressed=true`; a click on another takes that colour, which is its value; `button.wipe` clears the sheet.
"""

from training.corpus.os_tools import Q
from training.corpus.os_windows import Content

SVG = '<svg viewBox="0 0 40 30" preserveAspectRatio="xMidYMid slice" aria-hidden=true>'


def shape(colour: str, path: str) -> str:
    return f'<path fill="{colour}" d="{path}"></path>'


DAY, EVENING, NIGHT = (shape(colour, "M0 0h40v30H0z") for colour in ("#9fd0f2", "#f3b183", "#1f2b52"))
SUN = shape("#fff3c8", "M29 5a4 4 0 1 0 .01 0z")
HILLS = shape("#4f8a66", "M0 22q8-12 18-4t22-6v18H0z")
PEAKS = shape("#6a7690", "M0 30 12 9l7 10 5-6 16 17z")
SEA = shape("#2d6d9e", "M0 21h40v9H0z")
DUNES = shape("#c98a45", "M0 24q14-10 24-2t16-4v12H0z")
TREES = shape("#22503f", "M3 30l4-14 4 14zM11 30l5-19 5 19zM22 30l5-13 4 13zM30 30l5-17 4 17z")
BOAT = shape("#fbf8f0", "M11 20h15l-3 4h-9zM18 19V7l7 12z")
PHOTOS = {
    "Lake": (DAY, PEAKS, SEA),
    "Morning": (EVENING, SUN, HILLS),
    "Forest": (DAY, HILLS, TREES),
    "Desert": (EVENING, SUN, DUNES),
    "Moonrise": (NIGHT, SUN, PEAKS),
    "Sailing": (DAY, SEA, BOAT),
}
LOOK = (
    Q,
    'q(".photos").onclick=e=>{const b=e.target.closest("button");if(b)b.ariaPressed=b.ariaPressed!="true"}\n',
)
INKS = {"Black": "#1f2430", "Red": "#d1345b", "Blue": "#2563eb", "Green": "#15803d"}
PAINT = (
    Q,
    'const sheet=q("canvas"),pen=sheet.getContext("2d"),inks=document.querySelectorAll(".ink")\n',
    'Object.assign(pen,{lineWidth:5,lineCap:"round",lineJoin:"round",strokeStyle:inks[0].value})\n',
    "const to=e=>[e.offsetX*sheet.width/sheet.clientWidth,e.offsetY*sheet.height/sheet.clientHeight]\n",
    "sheet.onpointerdown=e=>{sheet.setPointerCapture(e.pointerId);pen.beginPath();pen.moveTo(...to(e));sheet.onpointermove(e)}\n",
    "sheet.onpointermove=e=>{if(e.buttons==1){pen.lineTo(...to(e));pen.stroke()}}\n",
    "inks.forEach(one=>one.onclick=()=>{pen.strokeStyle=one.value;inks.forEach(i=>i.ariaPressed=i==one)})\n",
    'q(".wipe").onclick=()=>pen.clearRect(0,0,sheet.width,sheet.height)\n',
)


def photos() -> Content:
    """Six pictures, each a button."""
    pictures = "".join(
        f"<button type=button aria-pressed=false>{SVG}{''.join(shapes)}</svg>{name}</button>"
        for name, shapes in PHOTOS.items()
    )
    return Content("Photos", f"<div class=photos>{pictures}</div>", "photos", LOOK)


def paint() -> Content:
    """Four inks above an empty sheet; the first is picked."""
    inks = "".join(
        f'<button class=ink type=button value={ink} style="background:{ink}" aria-label={name} '
        f"aria-pressed={'true' if name == 'Black' else 'false'}></button>"
        for name, ink in INKS.items()
    )
    tools = f"<div class=deck>{inks}<button class=wipe type=button>Clear</button></div>"
    sheet = "<canvas width=528 height=300 role=img aria-label=Drawing></canvas>"
    return Content("Paint", tools + sheet, "paint", PAINT)
