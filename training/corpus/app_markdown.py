# ruff: noqa: E501 - a CSS rule or a script line is one word to the tokenizer, so it is one line here
"""Markdown beside what it looks like.

What evaluation may rely on: what is typed into `textarea` shows in `.view`: "# ", "## " and "### " as h2, h3 and h4,
"**bold**" as b, "*italics*" as i, lines that begin with "- " or "* " as li, any other as p; HTML in it is text. A sample with a heading is there at first. Word
count: `.left` tells how many words there are, as "12 words".
"""

from training.corpus.app_fields import FIELDS, MUTED
from training.corpus.app_kit import App, Feature
from training.corpus.app_words import words

WORD_COUNT = Feature(
    words(
        "word count",
        "a word count|a word count|word count|a word counter|a live word count|a count of words|the number of words",
        "counts words|counts the words|shows how many words there are|tells me the word count|has a word counter|keeps a word count",
        "see the word count|count words|know how many words I wrote",
        "the word count|word count|the word counter",
    ),
    "<p class=left aria-live=polite></p>",
    (
        'const count=()=>q(".left").textContent=(source.value.match(/\\S+/g)||[]).length+" words"\n',
        'source.addEventListener("input",count)\n',
        "count()\n",
    ),
)
MARKDOWN = App(
    name="markdown",
    title="Markdown",
    bases=(
        "markdown editor", "markdown editor", "markdown preview", "markdown previewer", "markdown app", "editor for markdown",
        "live markdown preview", "page to write markdown", "markdown viewer", "writing app with markdown", "text editor with a preview",
        "markdown pad", "markdown editor with a live preview",
    ),
    body=lambda _: '<div class=halves><textarea aria-label=Markdown></textarea><section class=view aria-label=Preview></section></div>',
    script=(
        'const q=s=>document.querySelector(s),source=q("textarea"),view=q(".view")\n',
        'source.value||="# Hello\\nThis is **bold** and this is *slanted*.\\n\\n## A list\\n- Write on one side\\n- Read on the other"\n',
        'const safe=s=>s.replace(/[&<>]/g,c=>"&#"+c.charCodeAt()+";")\n',
        'const words=s=>safe(s).replace(/\\*\\*(.+?)\\*\\*/g,"<b>$1</b>").replace(/\\*(.+?)\\*/g,"<i>$1</i>")\n',
        "const head=(n,s)=>`<h${n}>${words(s)}</h${n}>`\n",
        'const block=s=>{const h=/^(#{1,3}) (.*)/.exec(s);return h?head(h[1].length+1,h[2]):/^[-*] /.test(s)?"<li>"+words(s.slice(2))+"</li>":s.trim()?"<p>"+words(s)+"</p>":""}\n',
        'const show=()=>view.innerHTML=source.value.split("\\n").map(block).join("").replace(/(<li>.*?<\\/li>)+/g,"<ul>$&</ul>")\n',
        "source.oninput=show\n",
        "show()\n",
    ),
    rules=(
        "main{max-width:880px}",
        ".halves{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(240px,100%),1fr));gap:24px;margin-top:16px}",
        "textarea{min-height:330px;resize:vertical}",
        ".view{min-width:0;overflow-wrap:anywhere}",
        ".view :is(h2,h3,h4){margin-bottom:8px;line-height:1.3}",
        ".view p{margin-bottom:12px}",
        ".view ul{padding-left:1.2em}",
        MUTED,
    ),
    by_design=lambda design: (FIELDS[design],),
    features=(WORD_COUNT,),
)  # fmt: skip
