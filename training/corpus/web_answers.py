"""Page families that answer: a question with its answers, and the results of a search."""

import random

from training.corpus.asks import plural
from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import (
    ASK_ON,
    MORE_ON,
    NAMES,
    NEWS_ON,
    ONE,
    POSTS,
    QUIET,
    READ,
    SCORE,
    SCORES,
    TALK,
    UP,
    VOTE,
    VOTED,
    VOTES,
    author,
    by,
    elsewhere,
    h1,
    header,
    search,
    tiles,
)
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import Look, Subject, draw_look, from_entry, heading, people, web_brief
from training.texts.source import Source
from training.texts.split import Split

QA_ASKS = (
    "questions and answers about {many}", "a question about {one}", "questions about {many}",
    "a Q&A about {title}", "answers to questions about {many}", "an FAQ about {title}", "ask about {one}",
    "ask the experts about {many}", "ask a question about {title}", "the question {title}",
    "frequently asked questions about {many}", "a question and answer page about {title}",
    "answer my question about {one}", "I have a question about {many}", "a stack overflow page about {title}",
    "a quora page on {title}",
)  # fmt: skip
RESULT_ASKS = (
    "search for {one}", "search {many}", "find pages about {many}", "find {one}", "search results for {title}",
    "look up {title}", "google for {many}", "search the web for {many}", "what is there about {one}?",
    "web results for {many}", "a search for {title}", "search: {title}", "results for {one}",
    "the results of a search for {title}", "find websites about {many}", "look for {one}",
)  # fmt: skip
QUESTIONS = (
    "What should everyone know about this?", "Can someone explain it simply?", "Where do I begin?",
    "What is the short answer?", "I am new to this. Any advice?",
)  # fmt: skip
UNANSWERED = "It depends on what you need. Tell us more."
SECOND = (
    "I had the same question.", "A good book helped me most.", "Ask at your library, they were kind to me.",
    "Try it and see what happens.", "The answer above is right.", "Start small and take your time.",
)  # fmt: skip
NOUN_QUESTIONS = (
    "How do I choose a {one}?", "Where can I find {many}?", "Is a {one} worth it?", "What is a {one} made of?",
    "How long does a {one} last?", "Who invented the {one}?", "Can I repair a {one}?", "Why do people like {many}?",
)  # fmt: skip
SNIPPETS = (
    "Everything you need to know.", "A short introduction with pictures.", "Facts, dates and sources.",
    "Read what others say about it.", "A guide for beginners.", "The complete overview.", "Explained in plain words.",
)  # fmt: skip
NO_RESULT = "Nobody has written about this yet. Be the first."
ACCEPTED = (
    "article:has([aria-pressed=true]){border:2px solid var(--acc);padding:1rem 1.2rem}",
    ".accept[aria-pressed=true]::after{content:'ed ✓'}",
)
ACCEPT = "<button class=accept type=button aria-pressed={}>Accept</button>"
ACCEPT_LINE = (
    "for(const b of document.querySelectorAll('.accept'))"
    "b.onclick=()=>{for(const o of document.querySelectorAll('.accept'))o.ariaPressed=o==b}\n"
)
HIT = ".hits a{font-size:1.25rem;font-weight:700}"
FOUND = (
    ".hits p{margin:.2rem 0 0}",
    ".found{display:block;margin:0 0 1rem;color:var(--mut)}",
    ".found::before{content:'Results: '}",
)
FOUND_LINES = (
    "one('[name=q]').value||=one('h1').textContent\n",
    "one('.found').textContent=document.querySelectorAll('.hits article').length\n",
)


def qa(rng: random.Random, source: Source, split: Split) -> Example:
    """A question, two answers with votes, one of them accepted, a form that asks another, more questions."""
    subject = question_on_noun(rng, source, split) if rng.random() < 0.4 else from_entry(rng, source, split)
    look, names = draw_look(rng), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, TALK, *QUIET, VOTES, VOTED, POSTS, SCORE, *ACCEPTED)
    markup = page(rules, subject.title, qa_body(look, subject, names), ONE + VOTE + ACCEPT_LINE)
    brief = web_brief(rng, "/ask", QA_ASKS, look, subject, names)
    return Example("qa", brief, markup, Checks(subject.title, subject.links, ("vote", "accept", "search")))


def question_on_noun(rng: random.Random, source: Source, split: Split) -> Subject:
    """A thing that people ask about, or a question on it, and more questions, or none."""
    noun = source.noun(rng, split)
    asked = [form.format(one=noun, many=plural(noun)) for form in rng.sample(NOUN_QUESTIONS, rng.randint(4, 5))]
    return Subject(heading(noun), "", tuple(asked) if rng.random() < 0.7 else ())


def qa_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    asked = f"<p class=lead>{look.pick(QUESTIONS, 0)}</p>{author(names[0])}"
    first = (subject.first() or UNANSWERED, subject.rest())
    told = answer(look, 1, names[1], first, "true") + answer(look, 2, names[2], (look.pick(SECOND, 2),), "false")
    more = tiles("More questions", "/ask", subject.links) + elsewhere(subject.title, "read", "talk")
    answers = f"<h2>Answers</h2><section class=posts>{told}</section>"
    return (
        f"{header('Answers', search('/ask', 'Question', 'Ask'))}<main>{h1(subject.title)}{asked}{answers}{more}</main>"
    )


def answer(look: Look, at: int, name: str, said: tuple[str, ...], accepted: str) -> str:
    parts = "".join(f"<p> {text(part)}</p>" for part in said if part)
    return f"<article>{by(name)}{parts}{UP}<span>{look.pick(SCORES, at)}</span>{ACCEPT.format(accepted)}</article>"


def results(rng: random.Random, source: Source, split: Split) -> Example:
    """What a search finds: the query in its field, how many results, the subject itself, one for each link."""
    look, subject, names = draw_look(rng), from_entry(rng, source, split), people(rng, source)
    rules = style(look.design, look.palette, NEWS_ON, TALK, MORE_ON, ASK_ON, HIT, *FOUND)
    markup = page(rules, subject.title, results_body(look, subject), ONE + "".join(FOUND_LINES))
    brief = web_brief(rng, "/search", RESULT_ASKS, look, subject, names)
    return Example("results", brief, markup, Checks(subject.title, subject.links, ("results", "search")))


def results_body(look: Look, subject: Subject) -> str:
    told = hit(subject.title, subject.facts or NO_RESULT)
    hits = told + "".join(hit(link, look.pick(SNIPPETS, at)) for at, link in enumerate(subject.links))
    list_of = f"<output class=found></output><section class=hits>{hits}</section>"
    around = elsewhere(subject.title, "news", "talk", "all", "ask")
    return f"{header('Lantern', search('/search'))}<main>{h1(subject.title)}{list_of}{around}</main>"


def hit(title: str, snippet: str) -> str:
    return f"<article><a href=/wiki>{text(title)}</a><p>{text(snippet)}</p></article>"


QA = Family("qa", tuple(WEB_DESIGNS), qa, weight=0.8)
RESULTS = Family("results", tuple(WEB_DESIGNS), results, weight=0.8)
