"""Find what a request is about: the subject inside the words people ask in, and the name they give a thing.

Only the usual ways to ask in English are taken apart; any other request is its own subject. The module is pure.
"""

import re


def any_of(*phrases: str) -> str:
    """Return a pattern for any of the phrases, which are patterns themselves; a blank matches any one blank."""
    return f"(?:{'|'.join(phrases)})"


def pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern that ignores case."""
    return re.compile(text, re.IGNORECASE)


QUOTES = "\"'“”"
NAME_CHARS = 60
ASK_CHARS = 500
FILLER = any_of("um", "uh", "hey", "hi", "hello", "okay", "ok", "so", "well", "now", "please", "and") + r"[\s,]+"
ASKING = any_of(
    r"(?:can|could|would|will) you (?:please )?", "please ", r"i(?:'d| would) like(?: to (?:see|have|read))? ",
    "i (?:want|need)(?: to (?:see|have|read))? ", "let me (?:see|have) ", "let's (?:see|have) ",
)  # fmt: skip
MAKING = (
    any_of("show", "make", "give", "build", "create", "write", "generate", "design", "draw", "get", "open")
    + "(?: me| up)? "
)
POLITE = pattern(f"^(?:{FILLER})*(?:{ASKING})?(?:{MAKING})?")
LONG = pattern(r"\b(?:long|detailed|in[- ]depth)\b")
TALK = pattern(r"\b(?:thread|discussion|conversation|debate)\b")
THANKS = pattern(rf"[\s,]*(?:\b{any_of('please', 'thanks', 'thank you', 'if you can', 'for me', 'now')}\b[\s,]*)+$")
MEDIUM = any_of(
    "encyclop(?:a?e|æ)dia", "wikipedia", "wiki", "reddit", "message", "online", "web", "e-commerce", "search",
    "product", "home", "little", "small", "big", "simple", "nice", "short", "long", "new", "dark", "light",
    "articles?", "pages?", "entry", "thread", "discussion", "conversation", "debate", "opinions?", "forum",
    "subreddit", "board", "community", "site", "website", "shop", "store", "list", "topics?", "overview", "results",
    "facts", "introduction", "story", "blog", "post", "guide", "profile", "offer", "details", "price", "category",
    "everything", "people", "talking", "detailed", "(?:key|quick|vital|basic) facts", "figures", "statistics",
    "(?:fact|data) ?sheet", "info table", "table of facts", "docs", "documentation", "technical", "manual", "handbook",
    "(?:user|developer) guide", "advert(?:isement)?", "time ?line", "vertical", "history time ?line",
    "milestones", "(?:key )?moments", "gallery", "pictures?", "photos?", "images?", "illustrations?", "album",
    "exhibition", "slideshow", "grid of pictures", "(?:shopping )?(?:cart|basket)", "checkout",
    "(?:landing|start|launch|marketing|promo|sales|startup|help|reference|order|checkout) page",
    "in[- ]depth", "latest", "breaking", "daily", "today's", "news",
    "headlines?", "front", "newspaper", "paper", "press", "magazine", "report", "feature", "stories", "personal",
    "weblog", "diary", "essay", "user", "fan", "social", "media", "account", "public", "best", "easy", "quick",
    "recipes?", "ingredients", "frequently", "asked", "questions?", "answers?", "q&?a", "faq", "stack", "overflow",
    "quora",
    "websites?", "directory", "index",
)  # fmt: skip
RELATION = any_of(
    "to promote", "that sells?", "which sells?", "selling",
    "where (?:people|i can|you can|we can) (?:talk about|buy|discuss)",
    "for (?:fans of|people who (?:love|like))", "related to", "with", "about", "regarding", "concerning", "on", "of",
    "for", "to", "dedicated to", "full of", "titled", "called", "named",
)  # fmt: skip
SKY = (
    "(?:(?:a|the) )?(?:(?:five[- ]day|weekly) )?(?:weather|forecast)(?: (?:forecast|report|page))? "
    "(?:in|of|for|at|like in)"
)
QUESTION = any_of(
    f"(?:(?:what|how)(?:'s| is) )?{SKY}", "(?:what is )?the temperature in", "will it (?:rain|snow) in",
    r"(?:how \w+ is it|is it \w+) in", "(?:landing page|docs|fact ?sheet|timeline|gallery|shopping cart):?",
    "a chronology of", "(?:what happened )?on this day(?: in)?", "what happened (?:on|in)",
    "how to use", "advertise", "promote", "check out", "my order of",
    "what(?:'s| is) (?:new|happening|going on) (?:in|with|at|about)",
    "how (?:to|do i|do you|can i) (?:make|cook|bake)",
    "teach me (?:how )?to (?:make|cook|bake)", "ask(?: the experts| a question)? about", "answer my questions? about",
    "i have a question (?:about|on)", "(?:news article|blog post|profile page|recipe):?",
    "what do people (?:say|think) about", "what is there about", "where can i (?:buy|get|find)",
    "i (?:want|would like) to (?:buy|learn about|know about)",
    "(?:tell me(?: more)?|all|everything|facts|something) about", "who or what (?:is|are|was|were)",
    "(?:what|who|where)(?:'s| is| are| was| were)", "how much (?:is|are)", "how (?:do|does)", "explain(?: to me)?",
    "describe", "discuss", "search:?(?: the web)?(?: for)?", "(?:look|google) for", "look up(?: topics on)?",
    "find(?: (?:pages|websites) about| me)?", "write about",
    "learn about", "buy", "order", "sell me", "(?:wiki|product|web) ?page(?: on| for)?:?", "thread:?", "article:?",
    "topics? on", "encyclop(?:a?e)dia", "the (?:category|product|topic|user|question)",
    "(?:(?:a|the) )?(?:product )?page (?:for|that sells|where i can buy)(?: one)?",
)  # fmt: skip
FRONT = pattern(
    rf"^(?:(?:(?:a|an|the|my|some|one)\s+)?(?:(?>{MEDIUM}[\s-]+)(?:(?:and|of|to)\s+(?:an?\s+)?)?)+{RELATION}|{QUESTION})\s+"
)
"""Each medium is atomic, since "quick facts" matches as one medium and as two.

Otherwise words that can be divided in two ways would be tried in all combinations, twice as many with every pair.
"""
PLACE = any_of(
    "(?:online )?(?:web )?(?:shop|store)",
    "(?:discussion )?(?:forum|board|thread)",
    "subreddit",
    "wiki",
    "article",
    "(?:web ?|landing )?(?:page|site)",
    "docs",
    "documentation",
    "fact ?sheet",
    "facts",
    "weather",
    "timeline",
    "(?:picture|photo|image) gallery",
    "photos",
    "pictures",
    "(?:shopping )?cart",
    "checkout",
    "news(?:paper)?",
    "blog",
    "profile",
    "recipe",
)
BACK = pattern(rf" {PLACE}$")
END = pattern(r" (?:step by step|at a glance|in chronological order|on a time ?line)$")
CARTED = pattern(r"\b(?:put|add) (.+) (?:in|to|into) (?:my|the) (?:shopping )?(?:cart|basket)$")
ARTICLE = pattern(r"^(?:a|an|the|some|one|any|my)\s+(?=\S)")
NAME_ENDS = (
    r"(?=\s+"
    + any_of(
        "with", "that", "which", "and", "where", "including", "plus", "featuring", "containing", "holding", "let me"
    )
    + r"\b|[.,;:!?]|\s*$)"
)
QUOTED = any_of(r"\"([^\"]+)\"", "“([^”]+)”", r"'([^']+)'(?!\w)")
NAMED = pattern(rf"\b(?:called|named|titled|entitled)\s+(?:{QUOTED}|(.+?)(?=\s+(?:about|for)\b|{NAME_ENDS}))")
FOR = pattern(rf"\bfor (?:my |our |the )?(.+?){NAME_ENDS}")
NO_NAME = pattern(
    r".*\b(?:tasks?|to-?dos?|things|ones)\b.*|(?:me|us|it|fun|free|work|all|active|done)\b.*|"
    r"\d.*|(?:an?|one|two|three|five|ten) .*"
)
RENAMED = pattern(
    rf"^(?:{FILLER})*(?:(?:rename|call|name|title) (?:it|this)(?: to)?|change the (?:title|name|heading) to|"
    r"the (?:title|name|heading) should be|make the (?:heading|title|name))\s+(.+)$"
)


def is_long(ask: str) -> bool:
    """Return whether a thread is asked to be long."""
    found = LONG.search(ask)
    return found is not None and TALK.search(ask, found.end()) is not None


def subject(ask: str) -> str:
    """Return what a request for a page is about: "an encyclopedia article about volcanoes" -> "volcanoes".

    Words that are only a subject are returned as they are, and so is whatever cannot be taken apart.
    """
    words = bare(ask).strip(f" .?!{QUOTES}")
    words = END.sub("", CARTED.sub(r"\1", words)) or words
    rest = words
    for cut in (pattern(f"^(?:{FILLER})+"), FRONT, POLITE, FRONT):
        rest = cut.sub("", rest, count=1) or rest
    if len(rest) >= len(POLITE.sub("", words, count=1)):
        rest = BACK.sub("", rest) or rest
    return ARTICLE.sub("", rest).strip(f" .?!:{QUOTES}") or words


def name(ask: str) -> str:
    """Return the name a request gives the thing asked for, or "".

    "an app called Groceries with sorting" gives "Groceries".
    """
    match = NAMED.search(bare(ask))
    return titled(next(filter(None, match.groups()))) if match else ""


def app_name(ask: str) -> str:
    """Return the name of an app asked for, or "".

    It is the name as in `name`, else what the app is for ("a to-do list for Aunt Mira's party").
    """
    if found := name(ask):
        return found
    match = FOR.search(bare(ask))
    return titled(match.group(1)) if match and not NO_NAME.fullmatch(match.group(1)) else ""


def renamed(edit: str) -> str:
    """Return the new name in an instruction such as "rename it to Errands", or ""."""
    match = RENAMED.match(bare(edit).strip(" .!"))
    return titled(match.group(1)) if match else ""


def bare(words: str) -> str:
    """Return the beginning of a request with single blanks, without thanks at the end."""
    folded = " ".join(words[:ASK_CHARS].split())
    return THANKS.sub("", folded) or folded


def titled(words: str) -> str:
    """Return words as a title: without quotes, each with a capital, at most 60 characters."""
    kept = " ".join(words.strip(f" .,;:!?{QUOTES}").split())[:NAME_CHARS].strip()
    return " ".join(word[:1].upper() + word[1:] for word in kept.split())
