"""Two small apps around one number: a counter and a timer.

What evaluation may rely on: `output` holds the number. Counter: `button.more`, `button.less` and `button.reset` (back
to where it began). Timer: `button.go` starts and stops, `button.reset` sets it back; "M:SS" runs down from its start.
"dark mode" as in a to-do page.
"""

from training.corpus.app_style import DIAL, DIAL_SHARED, rules
from training.corpus.app_todo import DARK_LINE, dark_button
from training.corpus.page import page, text

COUNTER = (
    'const q=s=>document.querySelector(s),out=q("output"),start=+out.value\n',
    'q(".more").onclick=()=>out.value=+out.value+1\n',
    'q(".less").onclick=()=>out.value=+out.value-1\n',
    'q(".reset").onclick=()=>out.value=start\n',
)
TIMER = (
    'const q=s=>document.querySelector(s),out=q("output"),start=out.value,go=q(".go")\n',
    "let clock\n",
    'const stop=()=>{clearInterval(clock);clock=0;go.textContent="Start"}\n',
    'const step=n=>{const[m,s]=out.value.split(":"),t=m*60+ +s+n;'
    'out.value=(t/60|0)+":"+(""+t%60).padStart(2,0);return t}\n',
)
DOWN = ('go.onclick=()=>{if(clock)return stop();go.textContent="Stop";clock=setInterval(()=>step(-1)||stop(),1000)}\n',)
RESET = ('q(".reset").onclick=()=>{stop();out.value=start}\n',)
COUNTER_ROW = (
    "<div class=row><button class=less type=button>-</button><button class=reset type=button>Reset</button>"
    '<button class="more main" type=button>+</button></div>'
)
TIMER_ROW = (
    '<div class=row><button class="go main" type=button>Start</button>'
    "<button class=reset type=button>Reset</button></div>"
)


def counter_page(start: str, palette: str, design: str, title: str, dark_mode: bool) -> str:
    """A tally counter that begins at start, a whole number."""
    return dial_page(palette, design, title, start, COUNTER_ROW, COUNTER, dark_mode)


def timer_page(minutes: str, palette: str, design: str, title: str, dark_mode: bool) -> str:
    """A timer that runs down from so many minutes."""
    return dial_page(palette, design, title, f"{minutes}:00", TIMER_ROW, (*TIMER, *DOWN, *RESET), dark_mode)


def dial_page(
    palette: str, design: str, title: str, value: str, row: str, lines: tuple[str, ...], dark_mode: bool
) -> str:
    dark = dark_button(palette) if dark_mode else ""
    body = f"<main><header><h1>{text(title)}</h1>{dark}</header><output aria-live=off>{value}</output>{row}</main>"
    script = "".join(lines) + (DARK_LINE if dark_mode else "")
    return page(rules(palette, design, (*DIAL[design], *DIAL_SHARED), dark_mode), title, body, script)
