# ruff: noqa: E501 - a CSS rule and a line of a script are one word each to the tokenizer
"""A memory game of six pairs. Each figure is a shape drawn by CSS; the script deals the cards anew at every start.

What evaluation may rely on: twelve `.board > .tile` with the figure in `data-kind`, each figure on two of them. A click
turns a card up (class "up"); two equal ones stay up, two others turn back after a second or at the next click. `.say`
tells the pairs found ("1 of 6 pairs"). `button.new` deals anew. Moves: `.moves b` is a number, raised by every second
card. Peek: `button.peek` gives the board the class "seen" for a moment, and all cards show.
"""

from training.corpus.app_kit import App, Feature
from training.corpus.app_play import FIND, SHARED, TILE_RULES, TILES, TURN, board
from training.corpus.app_words import words

MOVES = Feature(
    words(
        "moves",
        "a move counter|a move counter|a moves counter|a count of moves|moves|a number of moves|a turn counter",
        "counts moves|counts the moves|shows how many moves I took|tells me how many tries I needed|counts my turns",
        "see how many moves I need|count my moves|see the number of moves|know how many tries I took",
        "the move counter|the moves|the moves counter|the count of moves",
    ),
    "<p class=moves><b>0</b> moves</p>",
    (
        'addEventListener("pair",()=>q(".moves b").textContent++)\n',
        'q(".new").addEventListener("click",()=>q(".moves b").textContent=0)\n',
    ),
    (".moves b{font-size:22px;color:var(--acc)}",),
)
PEEK = Feature(
    words(
        "peek",
        "a peek button|a peek button|a peek|a hint button|a button to peek|a way to peek at the cards|a look at all cards",
        "lets me peek|has a peek button|can show all cards for a moment|lets me look at all cards|gives me a peek",
        "peek at the cards|peek|see all the cards for a second|look at all cards shortly",
        "the peek button|peeking|the peek",
    ),
    "<button class=peek type=button>Peek</button>",
    (
        'q(".peek").onclick=()=>{q(".board").classList.add("seen");setTimeout(()=>q(".board").classList.remove("seen"),900)}\n',
    ),
)
BASES = (
    "memory game", "memory game", "memory game", "memory card game", "game of memory", "matching pairs game",
    "card matching game", "pairs game", "concentration game", "memory", "game where I find pairs",
    "memory matching game", "find the pairs game", "brain game with cards",
)  # fmt: skip
MEMORY = App(
    name="memory",
    weight=0.7,
    title="Memory",
    bases=BASES,
    body=lambda _: board("0 of 6 pairs", 12),
    script=(
        FIND,
        TILES,
        'const kinds=["star","moon","drop","heart","leaf","gem"]\n',
        "let open=[],wait\n",
        'const flip=(t,up)=>{t.classList.toggle("up",up);t.ariaLabel="Card "+(tiles.indexOf(t)+1)+(up?" "+t.dataset.kind:"")}\n',
        'const tell=()=>{const n=all(".up").length/2|0;say.textContent=n>5?"All pairs found. Well done!":n+" of 6 pairs"}\n',
        "const close=()=>{clearTimeout(wait);open.forEach(t=>flip(t,false));open=[]}\n",
        "const deal=()=>{close();const deck=[...kinds,...kinds].map(k=>[Math.random(),k]).sort();tiles.forEach((t,i)=>{t.dataset.kind=deck[i][1];flip(t,false)});tell()}\n",
        'tiles.forEach(t=>t.onclick=()=>{if(open.length>1)close();if(t.matches(".up"))return;flip(t,true);open.push(t);if(open.length<2)return;dispatchEvent(new Event("pair"));if(open[0].dataset.kind!=open[1].dataset.kind)return wait=setTimeout(close,1000);open=[];tell()})\n',
        'q(".new").onclick=deal\n',
        "deal()\n",
    ),
    rules=(
        ".board{display:grid;grid-template-columns:repeat(4,1fr);gap:10px;max-width:420px;margin:0 auto 20px}",
        *SHARED,
        '.tile::before{content:"";width:11vmin;max-width:46px;aspect-ratio:1;opacity:0}',
        ".board:not(.seen) :not(.up){background:radial-gradient(circle,var(--on) 4px,#0000 5px) 50%/18px 18px var(--acc)}",
        ".up::before,.seen .tile::before{opacity:1;animation:turn .25s}",
        TURN,
        "[data-kind=star]::before{background:#d98a0b;clip-path:polygon(50% 0,62% 35%,98% 35%,69% 57%,79% 92%,50% 71%,21% 92%,31% 57%,2% 35%,38% 35%)}",
        "[data-kind=moon]::before{background:#7d6be8;border-radius:50%;clip-path:path('M30 0a24 24 0 1 0 16 32a20 20 0 0 1-16-32')}",
        "[data-kind=drop]::before{background:#2f86d6;border-radius:0 50% 50% 50%;transform:rotate(45deg) scale(.8)}",
        "[data-kind=heart]::before{background:#db4a4a;clip-path:polygon(50% 96%,6% 50%,0 30%,8% 12%,25% 5%,41% 10%,50% 24%,59% 10%,75% 5%,92% 12%,100% 30%,94% 50%)}",
        "[data-kind=leaf]::before{background:#2a9d5c;border-radius:0 100%}",
        "[data-kind=gem]::before{background:#c653b8;clip-path:polygon(24% 10%,76% 10%,100% 38%,50% 96%,0 38%)}",
    ),
    by_design=lambda design: TILE_RULES[design],
    features=(PEEK, MOVES),
)
