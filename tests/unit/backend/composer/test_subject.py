"""The subject in a request, and the name it gives."""

import time

import pytest

from backend.composer.subject import app_name, name, renamed, subject


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("an encyclopedia article about volcanoes", "volcanoes"),
        ("An encyclopedia article about the history of bread.", "history of bread"),
        ("tides", "tides"),
        ("Black hole", "Black hole"),
        ("forum thread about sourdough", "sourdough"),
        ("a discussion about black holes please", "black holes"),
        ("what do people say about cats?", "cats"),
        ("shop that sells teapots", "teapots"),
        ("um so can you show me an online store for teapots thanks", "teapots"),
        ("the teapot store", "teapot"),
        ("where can I buy copper kettles?", "copper kettles"),
        ("a product page for a copper kettle", "copper kettle"),
        ("what is a fjord", "fjord"),
        ("who was Ada Lovelace?", "Ada Lovelace"),
        ("tell me more about Curium", "Curium"),
        ("I want to learn about panama canals", "panama canals"),
        ("I want to buy Hydropower", "Hydropower"),
        ("write about the moon", "moon"),
        ("search for sea level", "sea level"),
        ("thread: Best kettle", "Best kettle"),
        ("a subreddit about moss", "moss"),
        ("weather in Oslo", "Oslo"),
        ("what's the weather like in New York?", "New York"),
        ("how warm is it in Lima now", "Lima"),
        ("a timeline of the French Revolution", "French Revolution"),
        ("the documentation for Docker", "Docker"),
        ("show me pictures of otters please", "otters"),
        ("put copper kettles in my cart", "copper kettles"),
        ("Iceland at a glance", "Iceland"),
        ("National Gallery", "National Gallery"),
        ("weather balloon", "weather balloon"),
        ("please", "please"),
        ("the", "the"),
        ("a b c", "b c"),
        ("the front page of a newspaper about tides", "tides"),
        ("what's happening with the moon?", "moon"),
        ("cricket news", "cricket"),
        ("write a blog post about my garden", "garden"),
        ("a recipe for lasagna", "lasagna"),
        ("how do I make pancakes?", "pancakes"),
        ("recipe: Lemon tart", "Lemon tart"),
        ("the profile of Ada Lovelace", "Ada Lovelace"),
        ("frequently asked questions about tides", "tides"),
        ("search the web for copper kettles", "copper kettles"),
        ("question time", "question time"),
        ("paper", "paper"),
        ("news", "news"),
        ("social media", "social media"),
    ],
)
def test_subject(ask: str, expected: str) -> None:
    assert subject(ask) == expected


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("a to-do app called Groceries with sorting", "Groceries"),
        ("um make a to do list called aunt mira's party please", "Aunt Mira's Party"),
        ('a counter named "Cups and plates" with dark mode', "Cups And Plates"),
        ("a to-do list for Weekend Chores that has filters", "Weekend Chores"),
        ("a checklist titled Moving Day, sortable", "Moving Day"),
        ("an app for my tasks", ""),
        ("a timer for 5 minutes", ""),
        ("a to-do app with a filter for done ones", ""),
        ("a to-do app with sorting and dark mode", ""),
    ],
)
def test_app_name(ask: str, expected: str) -> None:
    assert app_name(ask) == expected


def test_a_page_is_named_only_outright() -> None:
    assert name("a shop called Teapot Heaven that sells teapots") == "Teapot Heaven"
    assert name("a shop for teapots") == ""


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("rename it to Errands", "Errands"),
        ("um call it blue party", "Blue Party"),
        ("change the title to 'Sum'.", "Sum"),
        ("make it dark", ""),
        ("add call mum to the list", ""),
    ],
)
def test_renamed(edit: str, expected: str) -> None:
    assert renamed(edit) == expected


@pytest.mark.parametrize("part", ["now ", "discussion ", "called ", "for ", "please, ", "a ", '"', "the page of "])
def test_no_words_take_long(part: str) -> None:
    words = (part * 4_000)[:4_000]
    began = time.thread_time()
    for take in (subject, name, app_name, renamed):
        take(words)
    assert time.thread_time() - began < 10, "expected milliseconds: a pattern grows faster than its input"
