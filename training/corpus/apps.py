"""Page families of world "app": to-do list, counter and timer, each as asked for or as edited.

Page structure and what evaluation may rely on: app_todo.py and app_dial.py. Checks.features beyond theirs:
"counting" (a counter), "timer" and "stopwatch"; "dark" and "light": the page opens with a dark or a light background,
because a request or an edit said so.
"""

from training.corpus.app_lists import APP_DESIGNS, sample_todo
from training.corpus.app_numbers import sample_counter, sample_timer
from training.corpus.design import Family

APPS: dict[str, Family] = {
    "todo": Family("todo", APP_DESIGNS, sample_todo, 2.5),
    "counter": Family("counter", APP_DESIGNS, sample_counter, 0.5),
    "timer": Family("timer", APP_DESIGNS, sample_timer, 0.5),
}
__all__ = ["APPS", "APP_DESIGNS"]
