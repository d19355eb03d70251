# ruff: noqa: E501 - a CSS rule and a line of a script are one word each to the tokenizer
"""Quizzes: five fixed questions about a subject out of four, with four answers each.

What evaluation may rely on: `.ask` is the question, four `button.answer` the answers. A click on one gives the right
one the class "right" and itself, if it is another, "wrong"; `.say` begins with "Right" or "No". `button.next`, hidden
until then, goes on; after the last question `.ask` says "You got 3 of 5" and `button.next` starts again. Score:
`.score b` is the number of right answers so far. Progress: the value of `progress.steps` is the number of questions
answered. Hint: `button.hint` disables a wrong answer.
"""

import random

from training.corpus.app_kit import App, Feature, sample
from training.corpus.app_play import FIND, SCORE_RULES, SHARED, rounded
from training.corpus.app_style import DESIGNS
from training.corpus.app_words import words
from training.corpus.design import Example, Family, Split
from training.texts.source import Source

SCORE = Feature(
    words(
        "score",
        "a score|a score|score|the score|a running score|points|a score counter|score keeping",
        "keeps score|keeps the score|counts right answers|gives points|shows my score|counts my points",
        "see my score|keep score|see my points|count the right answers",
        "the score|the points|score keeping",
    ),
    "<p class=score>Score <b>0</b></p>",
    ('addEventListener("click",()=>q(".score b").textContent=score)\n',),
    SCORE_RULES,
)
PROGRESS = Feature(
    words(
        "progress",
        "a progress bar|a progress bar|a progress bar|progress|a bar that shows progress|a progress indicator",
        "shows my progress|has a progress bar|shows how far I am|tells how many questions are left",
        "see my progress|see how far I am|know how many questions are left",
        "the progress bar|the progress|the bar",
    ),
    "<progress class=steps value=0 max=5 aria-label=Progress></progress>",
    ('addEventListener("click",()=>q(".steps").value=at+!next.hidden)\n',),
    (".steps{flex:1;min-width:120px;align-self:center;height:12px;accent-color:var(--acc)}",),
)
HINT = Feature(
    words(
        "hint",
        "hints|hints|a hint button|a hint|a button for a hint|a joker|a way to get a hint",
        "gives hints|has hints|has a hint button|can give me a hint|helps me with a hint",
        "get a hint|ask for a hint|take a hint|use a joker",
        "the hints|the hint button|hints",
    ),
    "<button class=hint type=button>Hint</button>",
    (
        'q(".hint").onclick=()=>{const wrong=quiz[at]&&answers.find(a=>!a.disabled&&a.textContent!=quiz[at][1]);if(wrong)wrong.disabled=true}\n',
    ),
)
QUESTIONS: dict[str, tuple[str, ...]] = {
    "": (
        "How many days has a leap year?|366|364|365|367",
        "What do bees make?|Honey|Milk|Silk|Wool",
        "How many strings has a violin?|4|3|5|6",
        "Which colour do blue and yellow make?|Green|Orange|Purple|Red",
        "At how many degrees Celsius does water freeze?|0|10|32|100",
    ),
    "space": (
        "Which planet is the largest?|Jupiter|Earth|Mars|Saturn",
        "Which planet is nearest to the Sun?|Mercury|Earth|Mars|Venus",
        "What is the Sun?|A star|A comet|A moon|A planet",
        "Who walked on the Moon first?|Neil Armstrong|Buzz Aldrin|John Glenn|Yuri Gagarin",
        "How many planets go round the Sun?|8|7|9|10",
    ),
    "animals": (
        "Which animal is the tallest?|Giraffe|Camel|Elephant|Horse",
        "How many legs has a spider?|8|6|10|12",
        "Which animal is the fastest on land?|Cheetah|Horse|Lion|Wolf",
        "What is a young kangaroo called?|Joey|Calf|Cub|Kid",
        "Which animal is the largest of all?|Blue whale|Elephant|Hippopotamus|Shark",
    ),
    "geography": (
        "What is the capital of Australia?|Canberra|Melbourne|Perth|Sydney",
        "Which ocean is the largest?|Pacific|Arctic|Atlantic|Indian",
        "On which continent is Egypt?|Africa|Asia|Europe|South America",
        "Which mountain is the highest?|Mount Everest|K2|Kilimanjaro|Mont Blanc",
        "What is the capital of Canada?|Ottawa|Montreal|Toronto|Vancouver",
    ),
}
"""By subject, "" for all sorts of things; the first answer is the right one, the page puts them in alphabetical order."""
BASES = (
    "quiz", "quiz", "quiz app", "quiz game", "trivia quiz", "trivia game", "general knowledge quiz", "pub quiz",
    "multiple choice quiz", "test of what I know", "knowledge quiz", "question game",
)  # fmt: skip
SUBJECT_BASES = (
    "{} quiz", "{} quiz", "quiz about {}", "quiz about {}", "quiz on {}", "trivia game about {}", "{} trivia game",
    "test about {}", "multiple choice quiz about {}", "game of questions about {}", "quiz app about {}",
    "quiz with questions on {}",
)  # fmt: skip
BODY = (
    "<h2 class=ask aria-live=polite>Are you ready?</h2><div class=answers>"
    + "<button class=answer type=button></button>" * 4
    + "</div><p class=say aria-live=polite></p>"
    '<div class=row><button class="next main" type=button>Next</button></div>'
)


def quiz(subject: str) -> App:
    """The quiz about a subject of QUESTIONS."""
    return App(
        name="quiz",
        title=f"{subject} quiz".strip().capitalize(),
        bases=tuple(base.format(subject) for base in (SUBJECT_BASES if subject else BASES)),
        body=lambda _: BODY,
        script=(FIND, "const quiz=[\n", *(f'"{question}",\n' for question in QUESTIONS[subject]), *SCRIPT),
        rules=RULES,
        by_design=rounded,
        features=(HINT, SCORE, PROGRESS),
    )


SCRIPT = (
    '].map(line=>line.split("|"))\n',
    'const answers=all(".answer"),say=q(".say"),next=q(".next")\n',
    "let at,score\n",
    'const ask=()=>{const[question,...options]=quiz[at];q(".ask").textContent=question;options.sort().forEach((o,i)=>{answers[i].textContent=o;answers[i].className="answer";answers[i].disabled=false});tell("",true)}\n',
    'const tell=(words,more)=>{say.textContent=words;next.hidden=more;next.textContent="Next";q(".answers").hidden=false}\n',
    "const start=()=>{at=score=0;ask()}\n",
    'const end=()=>{q(".ask").textContent="You got "+score+" of "+quiz.length;tell("",false);next.textContent="Play again";q(".answers").hidden=true}\n',
    'answers.forEach(a=>a.onclick=()=>{const right=quiz[at][1],hit=a.textContent==right;a.classList.toggle("wrong",!hit);answers.forEach(o=>{o.disabled=true;o.classList.toggle("right",o.textContent==right)});score+=hit;tell(hit?"Right!":"No, it is "+right+".",false)})\n',
    "next.onclick=()=>++at>quiz.length?start():at<quiz.length?ask():end()\n",
    "start()\n",
)
RULES = (
    *SHARED,
    ".ask{margin:18px 0 16px;font-size:24px;line-height:1.3}",
    ".answers{display:grid;gap:10px}",
    ".answers .answer{display:flex;padding:13px 18px;text-align:left;text-decoration:none;font-size:17px;background:var(--bg);color:var(--fg)}",
    ".answers .right{background:var(--acc);color:var(--on)}",
    '.right::after{content:"";margin-left:auto;align-self:center;width:18px;height:18px;background:var(--on);clip-path:polygon(14% 44%,0 62%,45% 100%,100% 16%,82% 4%,41% 68%)}',
    ".answer:disabled:not(.right){opacity:.75;cursor:default}",
    ".answers .wrong{text-decoration:line-through}",
    ".say{min-height:1.5em}",
    "[hidden]{display:none!important}",
)
QUIZZES = tuple(quiz(subject) for subject in QUESTIONS)


def sample_quiz(rng: random.Random, source: Source, split: Split) -> Example:
    """A quiz about one of the subjects."""
    return sample(rng.choice(QUIZZES), rng, source, split)


QUIZ = Family("quiz", tuple(DESIGNS), sample_quiz, weight=0.8)
