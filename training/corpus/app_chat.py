# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""A chat that answers each message with the same words: a mock-up.

What evaluation may rely on: `form.add` with an input and a submit button adds what was typed to `ul.list` as `li.me`,
its text in `span`, and soon after an answer as another `li`. Clear: `button.wipe` empties the list.
"""

from training.corpus.app_fields import FIRST, WIPE_LIST, add_form, form_rules
from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words

FIELD = "<input aria-label=Message placeholder=Message autocomplete=off>"
CLEAR = Feature(
    words(
        "clear",
        "a clear button|a clear button|clear chat|a button to clear the chat|a way to clear it|a new chat button",
        "can be cleared|has a clear button|lets me clear the chat|I can clear|can start over",
        "clear it|clear the chat|clear the messages|start over",
        "the clear button|clearing|clear chat",
    ),
    "<button class=wipe type=button>Clear chat</button>",
    (WIPE_LIST,),
)
CHAT = App(
    name="chat",
    title="Chat",
    bases=(
        "chat", "chat app", "chat app", "chat window", "messenger", "messaging app", "chat page", "chat mock-up", "chat screen",
        "message app", "chat with bubbles", "chatbot page", "texting app", "support chat",
    ),
    body=lambda _: (
        "<ul class=list aria-live=polite><li><span>Hello! What can I do for you?</span></li></ul>"
        f"{add_form(FIELD, 'Send')}"
    ),
    script=(
        FIRST,
        'const say=(who,words)=>{const li=row.cloneNode(true);li.className=who;li.querySelector("span").textContent=words;list.append(li);form.scrollIntoView({block:"nearest"})}\n',
        'form.onsubmit=e=>{e.preventDefault();const words=form[0].value.trim();if(!words)return;say("me",words);form.reset();setTimeout(()=>say("","Thank you, I will think about it."),700)}\n',
    ),
    rules=(
        "ul{list-style:none;padding:0}",
        "ul:empty::before{content:\"No messages yet\";color:var(--mut)}",
        ".list{display:flex;flex-direction:column;gap:10px;min-height:210px;margin-top:18px}",
        ".list li{align-self:start;max-width:85%;padding:9px 16px;border-radius:4px 18px 18px;background:var(--bg);overflow-wrap:anywhere}",
        ".list .me{align-self:end;border-radius:18px 4px 18px 18px;background:var(--acc);color:var(--on)}",
        "::placeholder{color:var(--mut);opacity:1}",
    ),
    by_design=form_rules,
    features=(CLEAR,),
)  # fmt: skip
