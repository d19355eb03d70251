"""A stopwatch.

What evaluation may rely on: `output` shows M:SS, from 0:00; `button.go` starts and stops it, `button.reset` sets it
back. Laps: `button.lap` puts the time shown on top of `ol.laps`; reset empties it.
"""

from training.corpus.app_kit import App, Feature
from training.corpus.app_style import DIAL, DIAL_SHARED
from training.corpus.app_words import words

LAPS = Feature(
    words(
        "laps",
        "laps|laps|laps|a lap button|lap times|lap timing|a list of laps|split times",
        "records laps|keeps lap times|has laps|lets me take laps|counts laps|can take split times",
        "take laps|record laps|save lap times|note each lap",
        "the laps|laps|the lap button|the lap times",
    ),
    "<button class=lap type=button>Lap</button>",
    (
        'q(".lap").onclick=()=>q(".laps").insertAdjacentHTML("afterbegin","<li>"+out.value+"</li>")\n',
        'q(".reset").addEventListener("click",()=>q(".laps").textContent="")\n',
        'q("main").insertAdjacentHTML("beforeend","<ol class=laps reversed></ol>")\n',
    ),
    (".laps{padding:14px 0 0 2em;color:var(--mut);font-variant-numeric:tabular-nums}",),
)
STOPWATCH = App(
    name="stopwatch",
    title="Stopwatch",
    bases=("stopwatch", "stopwatch", "stopwatch app", "stop watch", "app with a stopwatch", "clock that counts up"),
    body=lambda _: (
        "<output aria-live=off>0:00</output><div class=row>"
        '<button class="go main" type=button>Start</button><button class=reset type=button>Reset</button></div>'
    ),
    script=(
        'const q=s=>document.querySelector(s),out=q("output"),go=q(".go")\n',
        "let clock,t=0\n",
        'const show=()=>out.value=(t/60|0)+":"+(""+t%60).padStart(2,0)\n',
        'const stop=()=>{clearInterval(clock);clock=0;go.textContent="Start"}\n',
        'go.onclick=()=>{if(clock)return stop();go.textContent="Stop";clock=setInterval(()=>{t++;show()},1000)}\n',
        'q(".reset").onclick=()=>{stop();t=0;show()}\n',
    ),
    rules=DIAL_SHARED,
    by_design=lambda design: DIAL[design],
    features=(LAPS,),
    weight=0.7,
)
