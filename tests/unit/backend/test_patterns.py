"""No pattern takes time that grows faster than the text a model, a page, a client or a store gives it.

The patterns are collected from the source, so that a new one fails here until it has its worst texts below.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from backend.composer.subject import ASK_CHARS
from tests.support.adversary import Attack, attacks, complaint
from tests.support.patterns import collected

LONG, SHORT = 200_000, 8_000
"""Characters of the worst texts that are known, and of those that are made from the pattern."""


@dataclass(frozen=True)
class Use:
    """How a pattern is used, "anywhere" in a text or from its beginning ("match", "fullmatch"); the worst texts for it.
    most: characters that it ever gets."""

    how: str
    worst: tuple[Attack, ...]
    most: int = LONG


def anywhere(*worst: Attack, most: int = LONG) -> Use:
    return Use("anywhere", worst, most)


def match(*worst: Attack) -> Use:
    return Use("match", worst)


def fullmatch(*worst: Attack) -> Use:
    return Use("fullmatch", worst)


def asked(*worst: Attack, how: str = "anywhere") -> Use:
    """Of a request only the beginning is read."""
    return Use(how, worst, ASK_CHARS)


A = Attack
USES = {
    "backend.prompts.anchors.SENTENCE": anywhere(A("a. "), A(" ")),
    "backend.prompts.anchors.ANCHOR": anywhere(A("<!--"), A("<!--1"), A("1", "<!--")),
    "backend.prompts.anchors.LISTED_BLANK": anywhere(A("<span>"), A("<p class=front>")),
    "backend.markup.raw_text.TAG_LIKE": anywhere(A("<"), A("</"), A("<a")),
    "backend.markup.raw_text._INNER_SCRIPT": anywhere(A("<"), A("<scrip"), A("<script "), A("<script")),
    "backend.markup.raw_text._INSIDE": anywhere(A("\\"), A("\\<"), A("<"), A("<a"), A("a")),
    "backend.markup.raw_text._SCRIPT": anywhere(
        A('"'), A("'\n"), A("/*"), A("/* "), A("*/ /*"), A("`"), A("`\\"), A("//"), A("\\<"), A("a", "/*"), A("/a/ ")
    ),
    "backend.markup.raw_text._SRCDOC": anywhere(A("srcdo"), A("src"), A("srcdoc"), A("s")),
    "backend.markup.raw_text._STYLE": anywhere(
        A('"'), A("'\n"), A("/*"), A("/* "), A("url("), A("a", "url("), A("<!--"), A("\\<"), A("ur"), A("url(\\")
    ),
    "backend.text.cleaning.BREAKS": anywhere(A("\r"), A("\r\n"), A("\u2028"), A("a")),
    "backend.text.cleaning.JOINERS": anywhere(A("\u200d"), A("a\u200d"), A("\ufe0f")),
    "backend.text.cleaning.SHAPED": match(A("\xe9"), A("a")),
    "backend.text.cleaning.STYLED": match(A("1"), A("a")),
    "backend.text.cleaning.UNSEEN": anywhere(A("\U0001f3f4"), A("\U0001f3f4\U000e0067\U000e0062"), A("\0"), A("a")),
    "backend.text.cleaning._selects": match(A("\ufe0f"), A("a")),
    "backend.models.ray.deploy.reason": match(A("a."), A("a"), A("aA.", ends=": ")),
    "backend.models.ray.url.parse": fullmatch(A("a", ends=":"), A("1", "a:"), A(":", "[")),
    "backend.models.ray.url.parse#2": fullmatch(A("-")),
    "backend.models.ray.url.replicas_in": fullmatch(A("1")),
    "backend.composer.compose.DARK": anywhere(A("darknight"), A("night")),
    "backend.http.browser_files.LINK": fullmatch(A("a", "/p/")),
    "backend.kit.content_only.GROUP": anywhere(A("&:is("), A("&:is(.a"), A("body:not(.a,"), A("&")),
    "backend.kit.content_only.CLASSES": anywhere(A("&.a"), A(".a", "&"), A("body"), A("body.a-"), A("a.", "body")),
    "backend.api.openai.completion.MARK": anywhere(A("<!--silverprint page="), A("a", "<!--silverprint page=")),
    "backend.api.mcp.view.view": anywhere(A("import \n"), A("export ")),
    "backend.api.mcp.view.view#2": anywhere(A("</"), A("<!-")),
    "backend.composer.facts._named_in": anywhere(A("a"), A("'-")),
    "backend.composer.facts_index.words_of": anywhere(A("a"), A("a ")),
    "backend.composer.facts_sources.FENCE": anywhere(A("```\n"), A("\n``"), A("```"), A("```a\n", ends="x")),
    "backend.composer.facts_sources.HEADING": anywhere(A("#\n"), A("# \n"), A("\n", "#"), A("#  \t")),
    "backend.composer.facts_sources.IMAGE": anywhere(A("!["), A("![]("), A("![](("), A("()", "![]("), A("![](()")),
    "backend.composer.facts_sources.LINK": anywhere(A("["), A("[a]("), A("[a](("), A("()", "[a]("), A("[a](()[")),
    "backend.composer.facts_sources.MARKS": anywhere(
        A("#"), A("*"), A("- \n"), A("=", ends="x"), A("\n "), A("1"), A("> ")
    ),
    "backend.composer.facts_sources.from_text": anywhere(A("\n"), A("\n ", ends="x"), A(" ", "\n", "x")),
    "backend.prompts.nearest_kinds.BEHIND": anywhere(A("name "), A(","), A("wit"), A(" ")),
    "backend.prompts.fact_text.ABBREVIATION": anywhere(A("a."), A(" "), A("a.k.a"), A("Mr.")),
    "backend.prompts.fact_text.BEFORE_MARK": anywhere(A(" "), A(" ", ends="x"), A("  x")),
    "backend.prompts.fact_text.BRACKET": anywhere(A("("), A(" ("), A("["), A("[(", ends="]"), A("a", "(")),
    "backend.prompts.fact_text.BREAK": anywhere(A("."), A('."'), A(". ")),
    "backend.prompts.fact_text.OTHER": anywhere(A("\u4e00"), A("a")),
    "backend.prompts.fact_text.SPOKEN": anywhere(A("("), A("pronounce"), A("lit", " "), A("-")),
    "backend.prompts.fact_text.WESTERN": fullmatch(A("a", ends="\u4e00")),
    "backend.prompts.fact_text.is_whole": anywhere(A("( a"), A(" ."), A(" ")),
    "backend.pages.documents.ENDS_SCRIPT": anywhere(A("</"), A("<!-")),
    "backend.pages.kit_gallery.PALETTE": anywhere(A("&"), A("&."), A("&:is("), A("a", "&.")),
    "backend.http.request_heads.CONTROL": anywhere(A("a"), A("\x01"), A("\t")),
    "backend.http.request_heads.HEX": match(A("0"), A("0", ends="x"), A("a")),
    "backend.sessions.registry.SESSION_ID": fullmatch(A("a")),
    "backend.kit.bundle.USES": match(A("/* for: "), A(" ", "/* for: "), A("a", "/* for: ")),
    "backend.kit.scripts.ASKS": match(A("/* for: "), A(" ", "/* for: "), A("a", "/* for: ")),
    "backend.kit.css_rules.CLASS": anywhere(A("."), A(".a"), A("a", ".")),
    "backend.kit.scripts.CODE": anywhere(
        A('"'), A('"\\'), A("`"), A("`\\"), A("(/"), A("(/["), A("=/\\"), A(" "), A(" ("), A(" + "), A("\n", "a")
    ),
    "backend.kit.scripts.COMMENTS": anywhere(A("/*"), A("/**"), A("*", "/*"), A("//"), A("\n//"), A(" "), A("\n ")),
    "backend.kit.scripts.ENDS": anywhere(A("<"), A("</"), A("</scrip"), A("<!-")),
    "backend.kit.bundle.WORD": anywhere(A("a"), A("a "), A("-"), A("a-")),
    "backend.kit.bundle.CLASS": anywhere(A("."), A(".a"), A("a"), A("-", ".a")),
    "backend.banks.lookup.FRENCH": anywhere(A("french"), A("fran\xe7ais")),
    "backend.banks.lookup.GERMAN": anywhere(A("german"), A("deutsch"), A("deutsche")),
    "backend.banks.lookup.SPANISH": anywhere(A("spanish"), A("espa\xf1ol")),
    "backend.banks.lookup.WORDS": anywhere(A("a"), A("a-"), A("a'a"), A(" ")),
    "backend.observability.logs.SECRET": anywhere(
        A("a"),
        A("a-"),
        A("a_ "),
        A("A"),
        A("0"),
        A("a", "", "0"),
        A("a" * 21 + " "),
        A("a" * 22 + " "),
        A("-a" * 24, "", "!"),
    ),
    "backend.kit.host_look.COLOUR": fullmatch(A("#"), A("0", "#")),
    "backend.kit.host_look.LENGTH": fullmatch(A("1"), A("1", "1."), A(".")),
    "backend.pages.page_look.ACCENT": anywhere(
        A("--accent"),
        A(";"),
        A("; "),
        A(" ", ";--accent:"),
        A(" ", ";--accent"),
        A(";--accent:rgb("),
        A(";--accent:#0"),
        A(" ", ";--accent:red"),
        A("0", ";--accent:rgb("),
    ),
    "backend.markup.scanner.ATTRIBUTE": anywhere(A("a "), A("a="), A('a="'), A("=", "a"), A(" ", "a"), A("a=' ")),
    "backend.markup.scanner.BEGINS": match(A("<")),
    "backend.markup.scanner.COMMENT": match(A("<!--"), A("-", "<!--"), A("--!", "<!--"), A("<", "<!"), A("</ ")),
    "backend.markup.scanner.RAW_END": anywhere(A("</title"), A("</"), A("</titlE")),
    "backend.markup.scanner.TAG": match(
        A(" a", "<a"),
        A(" a=", "<a"),
        A(' a="', "<a"),
        A(" ", "<a"),
        A("/", "<a"),
        A(" a =", "<a"),
        A("a", "<"),
        A("<a"),
    ),
    "backend.composer.continuity.BRAND": anywhere(A("brand"), A("-site"), A("--"), A("sitename-", ends="x")),
    "backend.composer.continuity.NOT_MAIN": anywhere(A("tag"), A("page"), A("breadcrum")),
    "backend.composer.continuity.PLACE": anywhere(
        A(";"), A("; "), A(" ", ";"), A(";left:"), A(";left:1"), A(";left :  1px ")
    ),
    "backend.composer.continuity.SITE_IN_TITLE": fullmatch(A(" - "), A("|"), A("a", " - ", "\n")),
    "backend.models.text_tokens.PIECE": anywhere(A("<"), A("a"), A("\xe9")),
    "backend.markup.draft_html.ATOM": anywhere(A("&"), A("&#"), A("&a"), A("\xf4\x80")),
    "backend.markup.draft_css.ATTR": match(A(" ", "a"), A(" "), A("a"), A("a ", ends="!")),
    "backend.markup.draft_css.ENTITY": anywhere(A("&"), A("& "), A("&#")),
    "backend.markup.draft_css.PLAIN": match(A("a"), A("a", ends="&")),
    "backend.markup.draft_css.TOKEN": anywhere(
        A("/*"),
        A("/* "),
        A('"'),
        A("'\n"),
        A("url("),
        A("url( "),
        A("url(a"),
        A(" ", "url("),
        A("\\"),
        A("@"),
        A("a("),
        A("-"),
        A("url(\\"),
        A('url("'),
        A("#"),
        A("{"),
    ),
    "backend.markup.draft_css._CLOSED": fullmatch(A("\\", '"'), A("a", '"'), A("'"), A('"')),
    "backend.markup.draft_css._cut_off": fullmatch(A("\\", '"'), A("a", '"'), A("'"), A('"')),
    "backend.markup.draft_tags.ATTRIBUTE_NAME": fullmatch(A("a", ends="!")),
    "backend.markup.draft_html.CSS_TOKEN": anywhere(
        A("/* "),
        A("/*"),
        A("*/ /*"),
        A('"'),
        A("\"'"),
        A("'\n"),
        A('"\\'),
        A("\\"),
        A("{"),
        A('"', "/*"),
        A("a\\\n", '"'),
    ),
    "backend.markup.draft_html.ENTITY": anywhere(A("&"), A("&#x"), A("&a")),
    "backend.markup.draft_html.NAME": fullmatch(A("a", ends="!")),
    "backend.markup.draft_html.PLAIN": fullmatch(A("a", ends="&")),
    "backend.markup.draft_html.escape": anywhere(A("&"), A("&#x"), A("&a")),
    "backend.prompts.screens.ASKED": anywhere(A("log "), A("the "), A("address "), most=4_000),
    "backend.settings.SENT": fullmatch(A("a", "http://"), A("-", "http://a"), A("1", "http://a:"), A(".", "https://a")),
    "backend.kit.minify.SELECTOR": anywhere(A(" "), A(" ,"), A('"'), A('\\"', '"'), A("'"), A(": "), A(" >")),
    "backend.kit.minify.SPACE": anywhere(A(" "), A("a "), A("\n")),
    "backend.kit.minify.TOKEN": anywhere(
        A("/*"), A("/* "), A("*", "/*"), A('"'), A('\\"', '"'), A("'"), A("\\", "'"), A("a"), A("{"), A("/")
    ),
    "backend.kit.minify.VALUE": anywhere(
        A(" "),
        A(" ,"),
        A('"'),
        A('\\"', '"'),
        A("'"),
        A("0"),
        A("0."),
        A("transparen"),
        A("transparent"),
        A(" !"),
        A(" /"),
    ),
    "backend.storage.store_url.SEVERAL": fullmatch(
        A("a", "redis+cluster://"), A("?", "redis+cluster://a"), A("@", "redis")
    ),
    "backend.storage.store_url.parse": fullmatch(A("1", ends="x")),
    "backend.storage.store_url.public": anywhere(A("//"), A("//a"), A("a", "//")),
    "backend.pages.css_selector.SELECTOR": fullmatch(
        A("a"), A("#a"), A("["), A("[a"), A("[a=b]"), A("a", '"'), A('a "')
    ),
    "backend.pages.css_selector.STEP": anywhere(A("[a"), A("[a="), A("#"), A("#a"), A("[a=b]"), A("[")),
    "backend.composer.subject.ARTICLE": asked(A("the "), A(" ", "the")),
    "backend.composer.subject.BACK": asked(A(" "), A(" web"), A(" online shop"), A(" page", ends="x")),
    "backend.composer.subject.CARTED": asked(A("put "), A("add a in ", "add "), A(" in my", "put")),
    "backend.composer.subject.END": asked(A(" "), A(" at a glance", ends="x"), A(" step by step")),
    "backend.composer.subject.FOR": asked(A("for "), A("for my "), A(" ", "for"), A("a ", "for ")),
    "backend.composer.subject.FRONT": asked(
        A("quick facts ", "", "x"),
        A("checkout page ", "", "x"),
        A("user guide of ", "", "x"),
        A("web-", "", "x"),
        A("a page to a "),
        A("page and ", ends="x"),
        A("time line ", ends="x"),
        A(" ", "page"),
        A("- ", "page", "x"),
    ),
    "backend.composer.subject.LONG": anywhere(A("long "), A("in-depth"), A("long", "")),
    "backend.composer.subject.NAMED": asked(
        A("called "), A('called "'), A("named “"), A(" ", "called"), A("a ", "called ")
    ),
    "backend.composer.subject.NO_NAME": asked(A("task"), A("tasks "), A("a "), how="fullmatch"),
    "backend.composer.subject.POLITE": asked(A("um, "), A("please "), A("ok", ""), A(" ", "um"), A("okay ok so ")),
    "backend.composer.subject.RENAMED": asked(
        A("um, "), A("please ", ends="rename it"), A(" ", "rename it"), how="match"
    ),
    "backend.composer.subject.TALK": anywhere(A("thread"), A("discussio")),
    "backend.composer.subject.THANKS": asked(A("please ", ends="x"), A(" "), A(", "), A("thank you now ", ends="x")),
    "backend.composer.subject.subject": asked(A("um, "), A("um,", ends="x"), A("okay ok so ")),
    "backend.auth.tickets.TICKET": fullmatch(A("a", "spt_")),
    "backend.auth.token_file.NAME": fullmatch(A("a")),
    "backend.auth.token_file.SHA256": fullmatch(A("0")),
    "backend.auth.token_file.parse_tokens": anywhere(A("line "), A("line"), A("1", "line ")),
    "backend.kit.strip.LAYER": anywhere(A("@layer "), A(" ", "@layer"), A(" ", "@layer kit"), A("@layer kit")),
    "backend.kit.strip.VERSION": fullmatch(A("1", "v"), A("v")),
    "backend.models.openai_client.FENCE": match(A(" "), A("`"), A("a", "```"), A(" ", ends="```")),
    "backend.models.openai_client.FENCE_BEGINS": fullmatch(A(" ", ends="x"), A("`"), A("a", "```")),
    "backend.models.openai_client.FENCE_ENDS": anywhere(A("`"), A("` "), A(" ", "```", "x"), A("``` ", ends="x")),
    "engine.tokenizer.chat_template.MARKS": anywhere(A("\ufdd0"), A("a")),
    "engine.checkpoint.layout._SCALAR": fullmatch(A("1", "layers.")),
    "engine.tokenizer.token_bytes.BYTE_FALLBACK": fullmatch(A("<0x")),
    "engine.checkpoint.quantization._STACKED": fullmatch(A(".experts."), A("a")),
    "engine.tokenizer.tokenizer.BRACKETED": anywhere(A("<"), A("<a"), A("["), A("[a"), A("a", "<"), A("<[")),
    "engine.tokenizer.tokenizer.HALF": anywhere(A("\ud800"), A("a")),
    "engine.worker.LASTING": anywhere(A("CUDA "), A("[CUDA")),
}
PATTERNS = collected()


def test_every_pattern_has_its_worst_texts() -> None:
    assert sorted(USES) == sorted(PATTERNS)


@pytest.mark.parametrize("name", USES)
def test_time_is_in_proportion_to_the_text(name: str) -> None:
    use, pattern = USES[name], PATTERNS[name]

    def work(said: str) -> None:
        text: Any = said.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else said
        if use.how == "anywhere":
            for _ in pattern.finditer(text):
                pass
        else:
            getattr(pattern, use.how)(text)

    tried = [(attack, min(use.most, LONG)) for attack in use.worst]
    tried += [(attack, min(use.most, SHORT)) for attack in attacks(pattern)]
    assert use.worst
    for attack, most in tried:
        found = complaint(work, attack, most)
        assert not found, f"{name} on {attack}: {found}"


@pytest.mark.parametrize(
    "careless", [r"(a+)+$", r"(?:a|ab|b)*c", r"/\*.*?\*/", r"\[[^\]]*\]", r"\s+$", r"x.*y", r"(\w+\s?)*:"]
)
def test_a_careless_pattern_is_found_out(careless: str) -> None:
    pattern = re.compile(careless, re.DOTALL)
    found = (complaint(lambda text: list(pattern.finditer(text)), attack, 20_000) for attack in attacks(pattern))
    assert any(found)
