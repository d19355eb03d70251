# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""What was spent, and on what.

What evaluation may rely on: `form.add` with a name and an amount adds a row to `ul.list > li`: name in `span`, amount in
`b`; `li button.del` removes it; `output` is the total, with two decimals. Clear all: `button.wipe` empties the list.
Average: `.mean` is the mean amount, with two decimals.
"""

from training.corpus.app_fields import DELETE, DELETE_BUTTON, LIST, LISTED, OUT, WIPE_LIST, add_form, list_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_style import DIAL
from training.corpus.app_words import words

FIELDS = (
    '<input aria-label=Expense placeholder="What for?" autocomplete=off>'
    "<input aria-label=Amount type=number min=0 step=.01 placeholder=0.00>"
)
CLEAR = Feature(
    words(
        "clear all",
        "a clear all button|clear all|a clear button|a button to clear everything|a reset button|a way to start over|a button to empty the list",
        "can clear everything|has a clear all button|lets me clear the list|can be cleared|lets me start over|I can clear in one go",
        "clear it|clear everything|clear the list|start over",
        "the clear button|clear all|the clear all button",
    ),
    "<button class=wipe type=button>Clear all</button>",
    (WIPE_LIST,),
)
AVERAGE = Feature(
    words(
        "average",
        "an average|the average|an average amount|average spending|the average cost|the mean|the average per entry",
        "shows the average|works out the average|tells me the average|averages the amounts|calculates the mean|has an average",
        "see the average|see what I spend on average|know the average",
        "the average|average|the average amount",
    ),
    "<p class=left>Average <b class=mean>0.00</b></p>",
    (
        'new MutationObserver(()=>q(".mean").textContent=(out.value/(list.children.length||1)).toFixed(2)).observe(list,{childList:true})\n',
    ),
)
EXPENSES = App(
    name="expenses",
    title="Expenses",
    bases=(
        "expense tracker", "expense tracker", "expenses app", "expense list", "spending tracker", "budget tracker", "budget app",
        "app to track my spending", "money tracker", "list of expenses", "app that adds up what I spend", "cost tracker",
        "spending log", "place to note expenses",
    ),
    body=lambda _: f"<output>0.00</output>{add_form(FIELDS)}<ul class=list></ul>",
    script=(
        OUT,
        LIST,
        'form.onsubmit=e=>{e.preventDefault();const say=form[0].value.trim(),n=+form[1].value;if(!say||!n)return;const li=document.createElement("li");'
        f'li.innerHTML="<span></span><b>"+n.toFixed(2)+"</b>{DELETE_BUTTON}";li.firstChild.textContent=say;list.append(li);form.reset();form[0].focus()}}\n',
        DELETE,
        'const total=()=>out.value=[...list.querySelectorAll("b")].reduce((t,b)=>t+ +b.textContent,0).toFixed(2)\n',
        "new MutationObserver(total).observe(list,{childList:true})\n",
    ),
    rules=(
        *LISTED,
        "li span{flex:1;min-width:0}",
        "b{color:var(--fg);font-variant-numeric:tabular-nums}",
        "input+input{max-width:96px}",
        'output::after{content:"spent in all";display:block;font-size:16px;font-weight:400;line-height:36px;letter-spacing:0;color:var(--mut)}',
        'ul:empty::before{content:"Nothing spent yet";color:var(--mut)}',
    ),
    by_design=lambda design: (*DIAL[design], *list_rules(design)),
    features=(CLEAR, AVERAGE),
)  # fmt: skip
