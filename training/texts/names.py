"""Names that no list contains: people, lists, apps and to-do items, composed from syllables, words and nouns.

The names that people give are an open set. With these, a model learns to copy a name instead of knowing it.
"""

import random


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


ONSETS = words("b d f g h j k l m n p r s t v w z br ch cl dr fl gr kr l m n pr qu r s sh st t th tr v")
VOWELS = words("a a a e e e i i o o u ai ea ee io ou y")
CODAS = words("n r s l m t k x nd rt ss lla th") + [""] * 18
ADJECTIVES = words(
    "big blue bright busy calm clever cosy crisp daily early easy fresh gentle golden good grand green happy "
    "hidden late little lucky mellow merry mini modern monthly morning my new next night old open our paper plain "
    "proud quick quiet rainy red second secret shared sharp silver simple slow small snowy soft spring summer "
    "sunny super tidy tiny urban warm weekend weekly wild winter wooden yearly yellow"
)
PURPOSES = words(
    "board book box checklist chores club corner day diary errands evening fair family garage goals groceries "
    "guide homework hub ideas inbox journal kitchen lessons list log market meeting menu move notes office "
    "packing party pantry picnic plan planner plans project recipes reminders repairs room routine shop shopping "
    "sprint store studio supplies tasks team things to-dos tracker trip wedding week wishes workshop workout year"
)
TIMES = words(
    "January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday 2024 2025 2026 2027"
)
KIN = words("Aunt Uncle Grandma Grandpa Cousin Captain Doctor Mister Coach")
VERBS = words(
    "buy bring borrow call_about carry check clean collect cook cut deliver donate draw dry dust empty feed fetch "
    "fill find fix fold freeze gift-wrap give_back hang hide inspect iron label lend look_for measure mend mix "
    "move oil order pack paint peel photograph pick_up plant polish prepare print put_away recycle rent repair "
    "replace return rinse sell sharpen slice sort stack store sweep take_out taste test throw_out trade trim try "
    "unpack varnish wash water weigh wipe wrap"
)
PEOPLE = words(
    "mum dad grandma the_plumber the_dentist the_bank the_landlord the_vet the_school the_neighbours the_doctor "
    "the_office the_electrician the_librarian my_sister my_brother"
)
ERRANDS = words("call ask email thank visit invite meet write_to text pay remind")
TAILS = ("before lunch", "for the party", "on the way home", "after work", "this week", "by noon", "again", "today")


def syllables(rng: random.Random, count: int) -> str:
    """Return a lower-case word of `count` syllables that can be pronounced."""
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(count)) + rng.choice(CODAS)


def person(rng: random.Random) -> str:
    """Return a user name: a word, often followed by a letter or a number."""
    base = syllables(rng, rng.choice((1, 2, 2, 2, 3)))
    tail = rng.randrange(5)
    if tail == 0:
        return f"{base}_{rng.choice('abcdefghijklmnoprstuvwz')}"
    if tail == 1:
        return f"{base}{rng.randrange(2, 100)}"
    return f"{base}_{syllables(rng, 1)}" if tail == 2 else base


def title_case(words: str) -> str:
    """Return the words with a capital each, otherwise unchanged ("aunt mira's party" -> "Aunt Mira's Party")."""
    return " ".join(word[:1].upper() + word[1:] for word in words.split())


class LabelMaker:
    """Composes labels and tasks around nouns."""

    def __init__(self, nouns: list[str]) -> None:
        """Keep the short nouns.

        Args:
            nouns: Lower-case nouns for things. Long ones and phrases are left out, because people give short names.
        """
        self._nouns = [noun for noun in nouns if len(noun) <= 12 and " " not in noun]

    def label(self, rng: random.Random) -> str:
        """Return a name of one to three words in title case."""
        noun, purpose, adjective = rng.choice(self._nouns), rng.choice(PURPOSES), rng.choice(ADJECTIVES)
        name = syllables(rng, 2)
        forms = (
            noun, purpose, name, f"{adjective} {purpose}", f"{noun} {purpose}", f"{adjective} {noun}",
            f"{name} {purpose}", f"{name}'s {purpose}", f"{rng.choice(KIN)} {name}'s {purpose}",
            f"{rng.choice(TIMES)} {purpose}", f"{adjective} {noun} {purpose}", f"{noun} & {rng.choice(self._nouns)}",
            f"{purpose} {rng.randrange(1, 100)}", f"{noun} {name}", f"the {adjective} {noun}",
        )  # fmt: skip
        return title_case(rng.choice(forms))

    def task(self, rng: random.Random) -> str:
        """Return a task of two to six lower-case words."""
        noun, verb = rng.choice(self._nouns), rng.choice(VERBS).replace("_", " ")
        whom, errand = rng.choice(PEOPLE).replace("_", " "), rng.choice(ERRANDS).replace("_", " ")
        forms = (
            f"{verb} the {noun}", f"{verb} {rng.choice(('the', 'my', 'our', 'some', 'more', 'two', 'new'))} {noun}",
            f"{errand} {whom}", f"{errand} {syllables(rng, 2)}", f"{errand} {whom} about the {noun}",
            f"{verb} the {noun} {rng.choice(TAILS)}", f"{verb} {rng.randrange(2, 20)} {noun}s",
            f"{verb} {syllables(rng, 2)}'s {noun}", noun, f"{rng.choice(ADJECTIVES)} {noun}",
        )  # fmt: skip
        return rng.choice(forms)
