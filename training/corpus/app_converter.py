# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A converter of units, in pairs.

What evaluation may rely on: `input.from` is a number, 1 at first; `select` has the pairs (kilometres, kilograms,
litres, metres, degrees Celsius first); `output` is the result with at most three decimals and its unit, as "0.621 mi".
Swap: `button.swap` converts the other way round.
"""

from training.corpus.app_fields import MUTED, OUT, RESULT, SETS, result_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words

PAIRS = (
    "Kilometres and miles", "Kilograms and pounds", "Litres and gallons", "Metres and feet", "Celsius and Fahrenheit",
)  # fmt: skip
SWAP = Feature(
    words(
        "swap",
        "a swap button|swap|a swap|a button to swap the units|a switch for both directions|a way to swap|a reverse button|both directions",
        "can swap the units|I can swap|converts both ways|lets me swap the direction|works in both directions|has a swap button",
        "swap the units|swap the direction|convert the other way",
        "the swap button|swap|swapping",
    ),
    "<button class=swap type=button>Swap</button>",
    ('q(".swap").onclick=()=>{flip=!flip;show()}\n',),
)
CONVERTER = App(
    name="converter",
    title="Converter",
    bases=(
        "unit converter", "unit converter", "converter", "units converter", "measurement converter", "converter app",
        "metric converter", "converter for units", "unit calculator", "converter for miles, pounds and degrees",
        "app to convert units", "kitchen and travel converter", "converter of lengths, weights and temperatures",
    ),
    body=lambda _: (
        "<output>0.621 mi</output><div class=sets><label><span>Amount in km</span><input class=from type=number step=any value=1></label>"
        f"<label>Units<select>{''.join(f'<option>{pair}</option>' for pair in PAIRS)}</select></label></div>"
    ),
    script=(
        OUT,
        'const n=q(".from"),pick=q("select")\n',
        "let flip=false\n",
        'const pairs=[["km","mi",.621371],["kg","lb",2.204623],["l","gal",.264172],["m","ft",3.28084],["\\xb0C","\\xb0F",1.8,32]]\n',
        'const show=()=>{const[a,b,k,o=0]=pairs[pick.selectedIndex];out.value=+(flip?(n.value-o)/k:n.value*k+o).toFixed(3)+" "+(flip?a:b);n.previousSibling.textContent="Amount in "+(flip?b:a)}\n',
        "oninput=show\n",
    ),
    rules=(RESULT, *SETS, MUTED),
    by_design=result_rules,
    features=(SWAP,),
)  # fmt: skip
