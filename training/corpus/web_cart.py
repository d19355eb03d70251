"""A shopping cart: what is in it, how many of each, the total.

What evaluation may rely on (feature "total"): each `.basket article` has a price ("$7") in `.price`, a number from 0 up
in `.count`, and `button.less` and `button.more`; `.total` shows the sum in dollars, `.cart` the number of things. A
click on `button.pay` writes the total into `.thanks`.
"""

import random

from training.corpus.page import text
from training.corpus.web_landing import SAID
from training.corpus.web_parts import ALL, BUY, COUNT, COUNT_BOX, ONE, READ, elsewhere, h1, header, paragraphs
from training.corpus.web_place import Place
from training.corpus.web_shop import BOX, CART, CART_LABEL, PRICE, PRICES, products, shop_on_noun
from training.corpus.web_subject import Look, Subject, from_entry
from training.texts.source import Source
from training.texts.split import Split

ASKS = (
    "a shopping cart with {many}", "a shopping cart for {one}", "shopping cart: {title}",
    "my shopping cart with {many}", "a cart full of {many}", "the shopping cart for {title}",
    "a checkout page for {many}", "check out {many}", "the checkout of {title}", "my basket of {many}",
    "a shopping basket with {many}", "{title} shopping cart", "{one} checkout", "put {many} in my cart",
    "add {many} to my cart", "my order of {many}", "an order page for {title}", "a cart with {many}",
)  # fmt: skip
NOTE = "Almost yours."
LINE = ".basket .row{flex-wrap:nowrap;gap:.5rem}"
GOODS = ".basket a{flex:1;min-width:0;overflow-wrap:anywhere;font-weight:700;font-size:1.1rem}"
STEP = ".basket button{padding:.3em .75em}"
SUM = ".sum{margin:1.4rem 0 0;font-size:1.4rem;font-weight:700}"
TOTAL = ".total{flex:1;color:var(--acc)}"
TOTAL_LABEL = ".total::before{content:'Total '}"
ADD_UP = (
    "const of=(a,s)=>+a.querySelector(s).textContent.replace('$','')\n",
    "const sum=()=>{let n=0,t=0;for(const a of all('.basket article')){n+=of(a,'.count');t+=of(a,'.count')*"
    "of(a,'.price')}one('.cart').textContent=n;one('.total').textContent='$'+t}\n",
    "for(const b of all('.basket button'))b.onclick=()=>{const c=b.parentNode.querySelector('.count');"
    "c.textContent=Math.max(0,+c.textContent+(b.className=='more'?1:-1));sum()}\n",
    "one('.pay').onclick=()=>one('.thanks').textContent="
    "+one('.cart').textContent?'Thank you! You pay '+one('.total').textContent+'.':'Your cart is empty.'\n",
    "sum()\n",
)
END = (
    '<div class="row sum"><output class=total></output><button class=pay type=button>Place order</button></div>'
    "<output class=thanks></output>"
)


def subject_of(rng: random.Random, source: Source, split: Split) -> Subject:
    return shop_on_noun(rng, source, split) if rng.random() < 0.6 else from_entry(rng, source, split)


def body(look: Look, subject: Subject, _: tuple[str, ...]) -> str:
    rows = "".join(row(look, at, name) for at, name in enumerate(products(look, subject)))
    told = f"{paragraphs(subject.first() or NOTE)}<section class=basket>{rows}</section>{END}"
    around = elsewhere(subject.title, "buy", "read")
    return f"{header('Market', BOX)}<main>{h1(subject.title)}{told}{around}</main>"


def row(look: Look, at: int, name: str) -> str:
    price = f"<b class=price>{look.pick(PRICES, at)}</b>"
    return f"<article class=row><a href=/item>{text(name)}</a>{price}{COUNT}</article>"


RULES = (READ, BUY, CART, CART_LABEL, PRICE, COUNT_BOX, LINE, GOODS, STEP, SUM, TOTAL, TOTAL_LABEL, SAID)
CART_PAGE = Place("cart", "/cart", ASKS, body, RULES, (ONE, ALL, *ADD_UP), "total", subject_of, products).family()
