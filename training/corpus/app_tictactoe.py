# ruff: noqa: E501 - a CSS rule and a line of a script are one word each to the tokenizer
"""Tic-tac-toe for two.

What evaluation may rely on: nine `.board > .tile`, empty at first; a click puts the text X or O, in turn, X first, into
an empty one. `.say` says whose turn it is ("X to move"), who won ("X wins") or "A draw"; a game that is won takes no
more moves. `button.new` empties the board. Score: `.score b` are two numbers, games that X and O won. Undo:
`button.undo` takes the last move back.
"""

from training.corpus.app_kit import App, Feature
from training.corpus.app_play import FIND, SCORE_RULES, SHARED, TILE_RULES, TILES, board
from training.corpus.app_words import words

SCORE = Feature(
    words(
        "score",
        "a score|a score|score|the score|a scoreboard|a score for both players|score keeping|a win counter|a tally of wins",
        "keeps score|keeps the score|counts wins|has a scoreboard|shows who won how often|remembers who won",
        "keep score|count the wins|see the score|see who won more games",
        "the score|the scoreboard|score keeping|the win counter",
    ),
    "<p class=score>X <b>0</b> : <b>0</b> O</p>",
    ('addEventListener("won",e=>all(".score b")[e.detail=="X"?0:1].textContent++)\n',),
    SCORE_RULES,
)
UNDO = Feature(
    words(
        "undo",
        "undo|undo|an undo button|a button to take a move back|a take back button|an undo move button",
        "lets me undo a move|can undo|has an undo button|can take back a move|lets players take moves back",
        "undo a move|take back a move|undo the last move|take moves back",
        "the undo button|undo|undoing moves",
    ),
    "<button class=undo type=button>Undo</button>",
    ('q(".undo").onclick=()=>{if(!won()&&moves.length){put(moves.pop(),"");next()}}\n',),
)
BASES = (
    "tic-tac-toe", "tic-tac-toe", "tic-tac-toe game", "tic tac toe", "tic tac toe game", "game of tic-tac-toe",
    "tictactoe", "noughts and crosses game", "game of noughts and crosses", "tic-tac-toe board", "tic-tac-toe app",
    "tic tac toe game for two players", "Xs and Os game",
)  # fmt: skip
TICTACTOE = App(
    name="tictactoe",
    title="Tic-tac-toe",
    bases=BASES,
    body=lambda _: board("X to move", 9),
    script=(
        FIND,
        TILES,
        'const lines=["012","345","678","036","147","258","048","246"],moves=[]\n',
        "const won=()=>lines.find(([a,b,c])=>tiles[a].textContent&&tiles[a].textContent==tiles[b].textContent&&tiles[a].textContent==tiles[c].textContent)\n",
        'const put=(i,who)=>{tiles[i].textContent=tiles[i].dataset.mark=who;tiles[i].ariaLabel="Square "+(i+1)+" "+who}\n',
        'const next=()=>say.textContent=moves.length>8?"A draw":(moves.length%2?"O":"X")+" to move"\n',
        'const fresh=()=>{moves.length=0;tiles.forEach((t,i)=>{put(i,"");t.classList.remove("won")});next()}\n',
        'tiles.forEach((t,i)=>t.onclick=()=>{if(t.textContent||won())return;const who=moves.length%2?"O":"X";put(i,who);moves.push(i);next();if(!won())return;[...won()].forEach(n=>tiles[n].classList.add("won"));say.textContent=who+" wins";dispatchEvent(new CustomEvent("won",{detail:who}))})\n',
        'q(".new").onclick=fresh\n',
        "fresh()\n",
    ),
    rules=(
        ".board{display:grid;grid-template-columns:repeat(3,1fr);gap:10px;max-width:360px;margin:0 auto 20px}",
        *SHARED,
        '[data-mark]::before{content:"";width:7vmin;min-width:36px;aspect-ratio:1}',
        "[data-mark=X]::before{background:currentColor;clip-path:polygon(14% 0,50% 36%,86% 0,100% 14%,64% 50%,100% 86%,86% 100%,50% 64%,14% 100%,0 86%,36% 50%,0 14%)}",
        "[data-mark=O]::before{border-radius:50%;background:radial-gradient(closest-side,#0000 68%,currentColor 70% 98%,#0000)}",
        "[data-mark=O]{color:var(--acc)}",
        ".board .won{background:var(--acc);color:var(--on)}",
    ),
    by_design=lambda design: TILE_RULES[design],
    features=(UNDO, SCORE),
)
