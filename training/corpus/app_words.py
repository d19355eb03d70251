"""How people speak of what an app may have or not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """How people speak of a feature: "with {noun}", "that {clause}", "let me {let}", "remove {named}".

    adjective: what it makes of the thing ("sortable"), if there is such a word.
    """

    name: str
    nouns: tuple[str, ...]
    clauses: tuple[str, ...]
    lets: tuple[str, ...]
    named: tuple[str, ...]
    adjective: str = ""


def words(name: str, nouns: str, clauses: str, lets: str, named: str, adjective: str = "") -> Words:
    """Words with their phrases in one string each, separated by "|"; one that stands twice is drawn twice as often."""
    with_, that, let, remove = (tuple(phrases.split("|")) for phrases in (nouns, clauses, lets, named))
    return Words(name, with_, that, let, remove, adjective)


WORDS: dict[str, Words] = {
    one.name: one
    for one in (
        words(
            "sorting",
            "sorting|sorting|sorting|a sort button|alphabetical sorting|alphabetical order|a way to sort|"
            "sort|a button to sort it|A to Z sorting",
            "I can sort|can be sorted|sorts alphabetically|sorts the items|lets me sort the list|"
            "sorts by name|is sortable|can sort from A to Z|I can put in alphabetical order|lets me sort",
            "sort it|sort them|sort the items|sort by name|sort alphabetically",
            "the sorting|the sort button|sorting",
            "sortable",
        ),
        words(
            "dark mode",
            "dark mode|dark mode|dark mode|a dark mode|a dark mode toggle|a dark theme toggle|"
            "a dark mode button|a night mode|a dark mode switch|a light and dark switch|a dark theme",
            "has a dark mode|I can switch to dark mode|lets me turn on dark mode|can go dark at night|"
            "has a dark theme button|has a dark mode toggle|I can toggle between light and dark|"
            "can switch to a dark theme|supports dark mode|can be switched to dark",
            "switch to dark mode|toggle dark mode|turn on a dark theme|go dark",
            "the dark mode|dark mode|the dark mode button",
            "dark mode",
        ),
        words(
            "filter",
            "a filter|filters|filtering|filter buttons|a filter for done ones|a done filter|filter|"
            "filters for active and done|tabs for all, active and done|a way to filter",
            "I can filter|can be filtered|lets me filter the done ones|filters by done and active|"
            "lets me see only open tasks|can hide what is done|can show only the active ones|has filters|"
            "lets me filter|I can filter by done",
            "filter it|filter the done ones|filter by done|see only the open ones|filter them",
            "the filter|the filters|filtering|the filter buttons",
            "filterable",
        ),
        words(
            "counter",
            "a counter|a counter|counter|an item counter|a count of what is left|a live count|"
            "a number of open tasks|a remaining count|a counter of open items|an items left counter",
            "counts what is left|shows how many are left|counts the open items|tells me how many are left|"
            "shows the number left|counts my tasks|has a counter|keeps count|says how many tasks remain|"
            "shows how many remain",
            "see how many are left|see a count|know how many are left|see the number of open items",
            "the counter|the count|counting",
        ),
        words(
            "clear done",
            "a clear done button|clear done|a button to clear done items|a way to clear finished ones|"
            "a clear completed button|clearing of done items|a clean up button|"
            "a button that removes completed tasks|clear completed|a clear button",
            "can clear done items|lets me clear the done ones|clears completed tasks|"
            "can remove all finished items|has a clear done button|lets me delete everything that is done|"
            "I can clear when done|can throw out what is done|lets me clear completed|"
            "can clean up finished tasks",
            "clear done ones|clear the finished ones|remove all done items|clear completed ones",
            "the clear button|clear done|the clear done button",
        ),
        words(
            "due dates",
            "due dates|due dates|due dates|a due date|deadlines|dates|a date for each item|a due date for each task",
            "has due dates|I can set due dates|lets me set a due date|shows what is late|marks what is overdue|"
            "has deadlines|lets me give each task a date|tells me what is overdue",
            "set due dates|set a due date|give each task a date|set deadlines|see what is late",
            "the due dates|due dates|the dates|the deadlines",
        ),
        words(
            "dragging",
            "drag and drop|drag and drop|dragging|drag to reorder|reordering by drag and drop|a way to reorder it|"
            "items I can drag|dragging to reorder",
            "I can drag|I can reorder|lets me drag the items|can be reordered|supports drag and drop|"
            "I can drag into order|has drag and drop|can be rearranged by dragging",
            "drag the items|reorder them|drag and drop|reorder it by dragging|drag things into order",
            "drag and drop|the dragging|dragging|reordering",
        ),
        words(
            "undo",
            "undo|undo|an undo button|an undo|a way to undo|a button to bring back what I deleted",
            "can undo|I can undo|lets me undo|has an undo button|brings back what I deleted|can take back a delete",
            "undo|undo a delete|bring back what I deleted|take back mistakes",
            "undo|the undo button|the undo",
        ),
        words(
            "saved",
            "saving|local storage|saved items|a memory|items that stay|autosave|storage in the browser",
            "saves itself|remembers my items|is kept in local storage|stays after a reload|saves my tasks|"
            "keeps the list when I close it|remembers everything|saves in the browser",
            "keep my items|save it|find it again after a reload|save my list",
            "saving|the autosave|local storage",
        ),
    )
}
"""Of the features of a to-do list, and of dark mode."""
