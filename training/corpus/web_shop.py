"""Page families where things are sold: a shop, and one of its products."""

import random

from training.corpus.asks import plural
from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import (
    ART,
    COUNT,
    COUNT_BOX,
    GRID,
    NAMED,
    NAMES,
    ONE,
    READ,
    TALK,
    by,
    elsewhere,
    h1,
    header,
    paragraphs,
    tiles,
)
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import Look, Subject, draw_look, from_entry, heading, people, web_brief
from training.texts.source import Source
from training.texts.split import Split

SHOP_ASKS = (
    "a shop that sells {many}", "shop that sells {many}", "an online store for {many}", "online store for {one}",
    "a {one} shop", "a shop for {title}", "{one} shop", "where can I buy {many}?", "buy {many}",
    "a web shop about {one}", "a store with {many}", "sell me a {one}", "a little shop for {many}",
    "an e-commerce site for {title}", "the {title} store",
)  # fmt: skip
ITEM_ASKS = (
    "a product page for {one}", "product page: {title}", "a product page for a {one}",
    "a page where I can buy a {one}", "the details and price of {title}", "show the product {title}",
    "a page that sells one {one}", "an offer for {title}", "how much is {title}?", "order {title}",
    "I want to buy {title}", "product details of {title}",
)  # fmt: skip
STOCK = (
    "Classic", "Little", "Travel", "Golden", "Handmade", "Garden", "Modern", "Everyday", "Copper", "Festive", "Royal",
)  # fmt: skip
KINDS = (
    *STOCK, "Oak", "Linen", "Blue", "Vintage", "Folding", "Silver", "Velvet", "Ceramic", "Tiny", "Grand", "Striped",
    "Winter",
)  # fmt: skip
WELCOME = "Chosen with care, sent today."
PLAIN_WORDS = "Well made, and made to last."
PRAISE = (
    "Just as described.", "I would buy it again.", "A lovely present.", "Better than I hoped.", "Fast and friendly.",
)  # fmt: skip
PRICES = ("$7", "$4", "$9", "$5", "$8", "$3", "$6")
GOODS = ".grid article{display:grid;grid-template-columns:1fr auto;gap:.6rem;align-content:space-between;margin:0}"
WIDE = ".grid .art,.grid button{grid-column:1/-1;margin:0}"
TURN = ".grid article:nth-child(even) .art{scale:-1 1;filter:hue-rotate(35deg)}"
PRICE = ".price{font-size:1.3rem;line-height:1.1;color:var(--acc)}"
CART = ".cart{font-weight:700}"
CART_LABEL = ".cart::before{content:'Cart '}"
BOX = "<output class=cart>0</output>"
SELL = (
    "for(const b of document.querySelectorAll('.add'))"
    "b.onclick=()=>{one('.cart').textContent++;b.textContent='Add another'}\n"
)
QUANTITY = (
    "const count=n=>one('.count').textContent=Math.max(1,+one('.count').textContent+n)\n",
    "one('.less').onclick=()=>count(-1)\n",
    "one('.more').onclick=()=>count(1)\n",
    "one('.add').onclick=()=>one('.cart').textContent=+one('.cart').textContent+ +one('.count').textContent\n",
)


def shop(rng: random.Random, source: Source, split: Split) -> Example:
    """A shop: products as cards with price and an "Add" button that counts into the cart."""
    subject = shop_on_noun(rng, source, split) if rng.random() < 0.6 else from_entry(rng, source, split)
    look, names = draw_look(rng), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, TALK, GRID, GOODS, WIDE, NAMED, TURN, PRICE, CART, CART_LABEL)
    markup = page(rules, subject.title, shop_body(look, subject, names), ONE + SELL)
    brief = web_brief(rng, "/shop", SHOP_ASKS, look, subject, names)
    return Example("shop", brief, markup, Checks(subject.title, products(look, subject), ("cart",)))


def shop_on_noun(rng: random.Random, source: Source, split: Split) -> Subject:
    """A shop for a thing: four kinds of it to sell, or none named (then the page names them)."""
    noun = heading(source.noun(rng, split))
    title = rng.choice((noun, plural(noun)))
    kinds = tuple(f"{word} {noun}" for word in rng.sample(KINDS, 4))
    return Subject(title, "", kinds if rng.random() < 0.75 else ())


def products(look: Look, subject: Subject) -> tuple[str, ...]:
    """What the shop sells: the brief's links, else four kinds of its subject."""
    return subject.links or tuple(f"{look.pick(STOCK, at)} {subject.title}" for at in range(4))


def shop_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    cards = "".join(card(look, at, name) for at, name in enumerate(products(look, subject)))
    told = f"{paragraphs(subject.first() or WELCOME)}<section class=grid>{cards}</section>"
    around = elsewhere(subject.title, "read", "talk")
    top, end = header("Market", BOX), f"<footer>Packed by {by(names[0])}</footer>"
    return f"{top}<main>{h1(subject.title)}{told}{around}</main>{end}"


def card(look: Look, at: int, name: str) -> str:
    price = f"<b class=price>{look.pick(PRICES, at)}</b>"
    return f"<article>{ART}<a href=/item>{text(name)}</a>{price}<button class=add type=button>Add</button></article>"


def item(rng: random.Random, source: Source, split: Split) -> Example:
    """A product: price, description, how many to put into the cart, a review, other products."""
    subject = item_of_noun(rng, source, split) if rng.random() < 0.6 else from_entry(rng, source, split)
    look, names = draw_look(rng), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, PRICE, CART, CART_LABEL, COUNT_BOX)
    markup = page(rules, subject.title, item_body(look, subject, names), ONE + "".join(QUANTITY))
    brief = web_brief(rng, "/item", ITEM_ASKS, look, subject, names)
    return Example("item", brief, markup, Checks(subject.title, subject.links, ("cart", "quantity")))


def item_of_noun(rng: random.Random, source: Source, split: Split) -> Subject:
    """A product as shops name them, with a few like it, or none named."""
    noun = heading(source.noun(rng, split))
    kinds = [f"{word} {noun}" for word in rng.sample(KINDS, rng.randint(4, 6))]
    return Subject(kinds[0], "", tuple(kinds[1:]) if rng.random() < 0.7 else ())


def item_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    told = paragraphs(subject.first() or PLAIN_WORDS, subject.rest())
    price = f"<b class=price>{look.pick(PRICES, 0)}</b>"
    buying = f"<div class=row>{price}{COUNT}<button class=add type=button>Add to cart</button></div>"
    review = f"<h2>Review</h2><article>{by(names[0])}<p>{look.pick(PRAISE, 0)}</p></article>"
    around = review + tiles("You may also like", "/item", subject.links) + elsewhere(subject.title, "read")
    return f"{header('Market', BOX)}<main>{h1(subject.title)}{ART}{told}{buying}{around}</main>"


SHOP = Family("shop", tuple(WEB_DESIGNS), shop, weight=1.5)
ITEM = Family("item", tuple(WEB_DESIGNS), item)
