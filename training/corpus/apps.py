"""Page families of world "app", each as asked for or as edited.

Page structure and what evaluation may rely on: app_todo.py, app_dial.py and app_kit.py. Checks.features beyond theirs:
"counting" (a counter) and "timer"; "dark" and "light": the page opens with a dark or a light background, because a
request or an edit said so.
"""

from training.corpus.app_calculator import CALCULATOR
from training.corpus.app_chat import CHAT
from training.corpus.app_colours import COLOURS
from training.corpus.app_converter import CONVERTER
from training.corpus.app_drawing import DRAWING
from training.corpus.app_expenses import EXPENSES
from training.corpus.app_flashcards import FLASHCARDS
from training.corpus.app_habits import HABITS
from training.corpus.app_kanban import KANBAN
from training.corpus.app_lists import APP_DESIGNS, sample_todo
from training.corpus.app_markdown import MARKDOWN
from training.corpus.app_memory import MEMORY
from training.corpus.app_notes import NOTES
from training.corpus.app_numbers import sample_counter, sample_timer
from training.corpus.app_password import PASSWORD
from training.corpus.app_poll import POLL
from training.corpus.app_quiz import QUIZ
from training.corpus.app_stopwatch import STOPWATCH
from training.corpus.app_tictactoe import TICTACTOE
from training.corpus.design import Family

KIT = (
    STOPWATCH, TICTACTOE, MEMORY, FLASHCARDS, POLL, HABITS, CALCULATOR, KANBAN, NOTES, EXPENSES, CONVERTER, PASSWORD,
    COLOURS, MARKDOWN, DRAWING, CHAT,
)  # fmt: skip
"""The apps that are made with app_kit.py."""

APPS: dict[str, Family] = {
    "todo": Family("todo", APP_DESIGNS, sample_todo, 3.5),
    "counter": Family("counter", APP_DESIGNS, sample_counter, 0.5),
    "timer": Family("timer", APP_DESIGNS, sample_timer, 0.5),
    **{app.name: app.family() for app in KIT},
    "quiz": QUIZ,
}
__all__ = ["APPS", "APP_DESIGNS"]
