"""Subjects that no bank has: plain, honest text from the words of the request alone, so that every page says
something.
"""

from training.kinds.bank import Subject


def plain(noun: str, name: str = "") -> Subject:
    """A subject of which nothing is known but what it is called."""
    thing, title = noun.strip(), sentence(noun)
    words = {
        "name": name or titled(noun), "claim": f"{title}, done with care", "cta": "Get in touch", "scene": "sky",
        "lead": f"Everything about {thing}, in one place and in plain words.",
        "about": f"We started small and still answer every message ourselves. {title} is what we do.",
        "services": [
            [f"{title}: first visit", "$20", "A calm start to see what you need."],
            [f"{title}: the usual", "$45", "What most people choose."],
            [f"{title}: all of it", "$90", "For those who want everything done."],
            ["Gift voucher", "$50", f"{title} for somebody you like."],
        ],
        "reasons": [
            ["Personal", "You talk to the people who do the work."],
            ["Clear prices", "You know what it costs before we begin."],
            ["On time", "We come when we say we will."],
        ],
        "faq": [
            [f"How do I start with {thing}?", "Write to us, and we find a day that suits you."],
            [f"What does {thing} cost?", "From $20; the price list says it all."],
            ["How long does it take?", "Most people are done within an hour."],
            ["Can I cancel?", "Yes, until the day before, without a fee."],
        ],
        "quotes": [
            [f"I had no idea about {thing}. Now I come every month.", "Robin"],
            ["Friendly, quick and fair.", "Ada"],
            ["I told all of my friends.", "Jo"],
        ],
        "hours": [["Monday to Friday", "9:00 to 18:00"], ["Saturday", "10:00 to 14:00"]],
        "people": [["Mina Hart", "Founder"], ["Leo Brandt", "Customers"], ["Sara Lind", "Workshop"]],
        "steps": [
            ["Ask", "Tell us what you have in mind."],
            ["Plan", "We agree on a day and a price."],
            ["Enjoy", f"{title}, the way you wanted it."],
        ],
        "facts": [
            f"{title} is older than most people think.", f"There is more than one way to go about {thing}.",
            "Beginners learn most in the first week.", "A good start is to watch somebody who knows how.",
        ],
        "sections": [
            ["What it is", f"{title} means different things to different people. Here is what most agree on."],
            ["How to begin", f"Start small. A first try with {thing} takes an afternoon and needs little."],
            ["What to look out for", "Take your time, ask those who have done it before, and write down what worked."],
        ],
        "examples": [f"A first {thing}", f"A small {thing}", f"A large {thing}", f"The favourite {thing}"],
        "pros": [f"{title} is quick to begin with.", "It costs little.", "It is good company."],
        "cons": ["It takes some practice.", "It does not suit everybody.", "It needs some room."],
    }  # fmt: skip
    return Subject((thing,), {"en": words}, known=False)


def sentence(words: str) -> str:
    """Words with a capital in front."""
    return words[:1].upper() + words[1:]


def titled(words: str) -> str:
    """Words as a name: "Dog Walking Service"."""
    return " ".join(
        word if word in ("and", "of", "for", "the", "in") and at else sentence(word)
        for at, word in enumerate(words.split())
    )
