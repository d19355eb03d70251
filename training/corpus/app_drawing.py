# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A pad to draw on.

What evaluation may rely on: a drag over `canvas` draws a line, `button.wipe` clears it. Colours: `button.ink` draws in
the colour that is its value from then on; `aria-pressed` tells which. Undo: `button.undo` takes back the last line.
"""

from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words

INKS = (("#222", "Black"), ("#c62828", "Red"), ("#2e7d32", "Green"), ("#1565c0", "Blue"), ("#f9a825", "Yellow"))
INK_BUTTONS = "".join(
    f"<button class=ink type=button value={value} aria-label={name} aria-pressed={'false' if at else 'true'}></button>"
    for at, (value, name) in enumerate(INKS)
)
COLOURS = Feature(
    words(
        "colours",
        "colours|colours|different colours|several colours|a choice of colours|coloured pens|a palette|five colours",
        "has colours|lets me pick a colour|can draw in colour|has coloured pens|offers a few colours|I can draw with in colours",
        "draw in colour|pick a colour|choose the colour|change the pen colour",
        "the colours|colours|the palette|the coloured pens",
    ),
    INK_BUTTONS,
    (
        'document.querySelectorAll(".ink").forEach((b,i,all)=>{b.style.background=b.value;b.onclick=()=>{pen.strokeStyle=b.value;all.forEach(o=>o.ariaPressed=o==b)}})\n',
    ),
    (
        ".ink{width:34px;height:34px;padding:0;border:3px solid var(--card);border-radius:50%}",
        ".ink[aria-pressed=true]{box-shadow:0 0 0 3px var(--acc)}",
    ),
)
UNDO = Feature(
    words(
        "undo",
        "undo|undo|an undo button|an undo|a way to undo|a step back|a button to take back a line",
        "can undo|I can undo|lets me undo|has an undo button|takes back the last line|can take back mistakes",
        "undo|undo a line|take back the last line|undo mistakes",
        "undo|the undo button|the undo",
    ),
    "<button class=undo type=button>Undo</button>",
    (
        "const old=[]\n",
        'pad.addEventListener("pointerdown",()=>{old.push(pen.getImageData(0,0,pad.width,pad.height));if(old.length>20)old.shift()},true)\n',
        'q(".undo").onclick=()=>{if(old.length)pen.putImageData(old.pop(),0,0)}\n',
    ),
)
DRAWING = App(
    name="drawing",
    title="Drawing pad",
    bases=(
        "drawing pad", "drawing pad", "drawing app", "drawing app", "sketch pad", "paint app", "canvas to draw on", "sketchbook",
        "doodle pad", "painting app", "page to draw on", "whiteboard", "drawing board", "app to doodle",
    ),
    body=lambda _: (
        '<canvas width=800 height=520 role=img aria-label="Your drawing"></canvas>'
        "<div class=row><button class=wipe type=button>Clear</button></div>"
    ),
    script=(
        'const q=s=>document.querySelector(s),pad=q("canvas"),pen=pad.getContext("2d",{willReadFrequently:true})\n',
        'Object.assign(pen,{lineWidth:6,lineCap:"round",lineJoin:"round",strokeStyle:"#222"})\n',
        "const at=e=>[e.offsetX*pad.width/pad.clientWidth,e.offsetY*pad.height/pad.clientHeight]\n",
        "pad.onpointerdown=e=>{pad.setPointerCapture(e.pointerId);pen.beginPath();pen.moveTo(...at(e));pad.onpointermove(e)}\n",
        "pad.onpointermove=e=>{if(e.buttons){pen.lineTo(...at(e));pen.stroke()}}\n",
        'q(".wipe").onclick=()=>pen.clearRect(0,0,pad.width,pad.height)\n',
    ),
    rules=(
        "main{max-width:720px}",
        "canvas{display:block;width:100%;margin:16px 0;border-radius:6px;background:#fff;box-shadow:0 0 0 1px #8886;cursor:crosshair;touch-action:none}",
        ".row{display:flex;justify-content:center;gap:10px}",
    ),
    features=(COLOURS, UNDO),
)  # fmt: skip
