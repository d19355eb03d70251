# ruff: noqa: E501 - a CSS rule and a line of a script are one word each to the tokenizer
"""Flashcards. Items that a request names are the fronts; their backs are left for the visitor to write on.

What evaluation may rely on: the first `.deck > li` alone shows. Its `.front` shows at first, its `.back`, a textarea,
when the card is flipped: by a click on the card or on `button.flip`. `button.next` and `button.previous` go round the
deck, and the card they bring shows its front. Counter: `.at` is like "Card 2 of 3". Shuffle: `button.shuffle` puts the
cards into another order.
"""

from collections.abc import Sequence

from training.corpus.app_kit import App, Feature
from training.corpus.app_play import FIND, SHARED, TURN
from training.corpus.app_words import words
from training.corpus.page import text

BACKS = {"bonjour": "hello", "merci": "thank you", "au revoir": "goodbye"}
"""The cards of a deck that a request says nothing of, with what is on their backs."""
COUNTER = Feature(
    words(
        "counter",
        "a counter|a card counter|a counter|a count of the cards|the number of the card|a position counter",
        "counts the cards|shows which card I am on|tells how many cards there are|shows the number of the card",
        "see which card I am on|see how many cards there are|see the number of the card",
        "the counter|the card counter|the count",
    ),
    "<p class=at aria-live=polite></p>",
    (
        'const count=()=>q(".at").textContent="Card "+(cards.indexOf(deck.firstChild)+1)+" of "+cards.length\n',
        'addEventListener("click",count)\n',
        "count()\n",
    ),
    (".at{color:var(--mut)}",),
)
SHUFFLE = Feature(
    words(
        "shuffle",
        "a shuffle button|a shuffle button|shuffle|shuffling|a button to mix the cards|a random order button",
        "can be shuffled|lets me shuffle|shuffles the cards|has a shuffle button|can mix the cards",
        "shuffle|shuffle the cards|mix the cards|put them in random order",
        "the shuffle button|shuffling|shuffle",
    ),
    "<button class=shuffle type=button>Shuffle</button>",
    (
        'q(".shuffle").onclick=()=>{cards=cards.map(c=>[Math.random(),c]).sort((a,b)=>a[0]-b[0]).map(p=>p[1]);deck.append(...cards);face()}\n',
    ),
)
DECK_RULES: dict[str, str] = {
    "soft": ".deck li{border-radius:24px;background:var(--bg);box-shadow:0 8px 0 -3px var(--mut)}",
    "sharp": ".deck li{border:3px solid var(--fg);background:var(--bg);box-shadow:6px 6px 0 var(--fg)}",
    "ruled": ".deck li{border:1.5px solid var(--mut);border-radius:6px;background:var(--card);box-shadow:3px 4px 0 -1px var(--card),3px 4px 0 var(--mut)}",
}


def card(front: str) -> str:
    return (
        f"<li><p class=front>{text(front)}</p>"
        '<textarea class=back rows=2 aria-label=Answer placeholder="Write the answer here">'
        f"{text(BACKS.get(front, ''))}</textarea></li>"
    )


def deck(items: Sequence[str]) -> str:
    return (
        f"<ul class=deck>{''.join(map(card, items))}</ul><div class=row>"
        '<button class=previous type=button>Previous</button><button class="flip main" type=button>Flip</button>'
        "<button class=next type=button>Next</button></div>"
    )


BASES = (
    "flashcards app", "flashcards app", "flashcard app", "set of flashcards", "deck of flashcards",
    "flash card app", "deck of flash cards", "flashcard deck", "study card app", "app for flashcards",
    "vocabulary trainer", "deck of study cards", "learning card app", "app to learn with cards",
)  # fmt: skip
FLASHCARDS = App(
    name="flashcards",
    weight=0.9,
    title="Flashcards",
    bases=BASES,
    body=deck,
    script=(
        FIND,
        'const deck=q(".deck")\n',
        'let cards=all(".deck li")\n',
        'const face=()=>cards.forEach(c=>c.classList.remove("flipped"))\n',
        'const flip=()=>deck.firstChild.classList.toggle("flipped")\n',
        'deck.onclick=e=>e.target.matches(".back")||flip()\n',
        'q(".flip").onclick=flip\n',
        'q(".next").onclick=()=>{deck.append(deck.firstChild);face()}\n',
        'q(".previous").onclick=()=>{deck.prepend(deck.lastChild);face()}\n',
    ),
    rules=(
        *SHARED,
        ".deck{list-style:none;padding:0;margin:18px 0 26px}",
        ".deck li{display:grid;place-items:center;min-height:210px;padding:20px;text-align:center;cursor:pointer}",
        ".deck li+li,.flipped .front,li:not(.flipped) .back{display:none}",
        ".front{font-size:30px;font-weight:700;line-height:1.25;max-width:100%;overflow-wrap:anywhere;animation:turn .25s}",
        ".front::first-letter{text-transform:uppercase}",
        ".back{width:100%;font:inherit;font-size:24px;text-align:center;resize:none;border:0;background:none;color:var(--acc);field-sizing:content;animation:turn .25s}",
        "::placeholder{color:var(--mut);opacity:1}",
        TURN,
    ),
    by_design=lambda design: (DECK_RULES[design],),
    features=(SHUFFLE, COUNTER),
    items=tuple(BACKS),
)
