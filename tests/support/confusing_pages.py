"""Pages that browsers parse differently from how they look.

What looks like text or a value may be an element; {x} stands for it.
"""

# ruff: noqa: E501
from itertools import product

ELEMENTS = (
    "<iframe src=q>", "<object data=q>", "<embed src=q>", "<base href=q>", "<link rel=stylesheet href=q>", "<meta http-equiv=refresh content=9>",
    "<iframe srcdoc=q>", "<frameset><frame src=q>",
)  # fmt: skip
RAW = ("script", "style", "title", "textarea", "xmp", "noscript", "noembed", "noframes", "iframe", "plaintext")
ROOTS = (
    "<svg>",
    "<math>",
    "<svg><desc>",
    "<svg><foreignObject>",
    "<math><mi>",
    "<svg><g>",
    "<select>",
    "<table>",
    "<table><tr>",
    "<svg><svg/>",
)
WAYS = (
    *(f"{root}<{raw}>{{x}}</{raw}>" for root, raw in product(ROOTS, RAW)),
    *(f"{root}<{raw}><p>{{x}}</p></{raw}>" for root, raw in product(("<svg>", "<math>"), RAW)),
    *(f"{root}<{raw}><a t=\"</{raw}><b x='\">{{x}}'>" for root, raw in product(("<svg>", "<math>", "<svg><title>", "<select>"), RAW)),
    *(f"<svg><{raw}/>{{x}}</{raw}>" for raw in RAW),
    "<svg><![CDATA[><a t=\"]]><p>{x}\">", "<svg><![CDATA[<!--]]><p>{x}-->", "<svg><p><![CDATA[>]]>{x}", "<math><![CDATA[</math>]]><p>{x}",
    "<svg><script><![CDATA[</script>]]><p>{x}</script>", "<svg><style><!--</style><p>{x}-->", "<svg><style><!--</style><a t='-->{x}'>",
    "<svg><desc></svg><script><p>{x}</script>", "<svg><desc><g/></svg></g></desc><script><p>{x}</script>",
    "<svg><foreignObject><div/></foreignObject></svg></div></foreignObject><script><p>{x}</script>", "<svg><desc id=a/><g></svg></g></desc><script><p>{x}</script>",
    "<svg><g></svg><script>{x}</script>", "<svg><path d=x/><script><p>{x}</script></svg>", "<svg><title/><script><p>{x}</script>", "<svg/><script>{x}</script>",
    "<svg><a></svg></a><script><p>{x}</script>", "<math><mtext></math><svg><script><p>{x}</script>", "<math><annotation-xml><svg><script><p>{x}</script>",
    "<math><annotation-xml encoding=text/html></math><svg></annotation-xml><script><p>{x}</script>", "<svg><p></svg><svg><script><p>{x}</script>",
    "<svg></p><script>{x}</script>", "<svg><br/></svg><script>{x}</script>", "<svg><font color=a><script><p>{x}</script>", "<table><svg><tr><script>{x}</script>",
    "<script><!--<script></script>{x}</script>", "<script><!--<script></script><b x=\"</script>{x}\">", "<script><!--<script ></script>--></script><b x='{x}'>",
    "<script><!--<scr" + "ipt/</script><b x='</script>{x}'>", "<script><!-- --><script></script><b x='</script>{x}'>", "<script><!--<SCRIPT\n></script><b x='</script>{x}'>",
    "<!--><b x='-->{x}'>", "<!---><b x='-->{x}'>", "<!-- --!><b x='-->{x}'>", "<!-- <!-- --><b x='-->{x}'>", "<!doctype a 'b>{x}'>", "<?a '>{x}'?>", "</ a='>{x}'>", "<!a '>{x}'>",
    "<a =\">{x}\">", "<a \"=\">{x}\">", "<a b='c'd='>{x}'>", "<a b=c\">{x}\">", "<a/b='>{x}'>", "<a b = '>{x}'>", "<a b=\n'>{x}'>", "<a b='>{x}' c>", "<a b=`>{x}`>", "<a <b='>{x}'>",
    "<a b\0='>{x}'>", "<a\0b='>{x}'>", "<a\x0bb='>{x}'>", "<a\x0cb='>{x}'>", "<a b='\0>{x}'>", "</p b='>{x}'>", "<p></script b='>{x}'>", "<a b=>{x}>", "<a ==>{x}>", "<a b='>{x}",
    "<svg><a b='</svg>{x}'>", "<select><option><title></select>{x}</title>", "<select><style></select>{x}</style>", "<select><textarea></select>{x}</textarea>",
    "<select><xmp></select>{x}</xmp>", "<select><svg><style></select>{x}</style>", "<select><noscript></select>{x}</noscript>", "<table><title></table>{x}</title>",
    "<table><colgroup><style></colgroup></table>{x}</style>", "<frameset><noframes>{x}</noframes>", "<frameset><title></frameset>{x}</title>", "<template><svg><script><p>{x}</script>",
    "<noscript><p title='</noscript>{x}'>", "<noscript><style></noscript>{x}</style>", "<noscript><!--</noscript>{x}-->", "<textarea><p title='</textarea>{x}'>",
    "<title><!--</title><b x='-->{x}'>", "<style><p x='</style>{x}'>", "<xmp><p x='</xmp>{x}'>", "<plaintext>{x}", "<svg><plaintext>{x}", "<form><math><mtext></form><form><mglyph><style></math>{x}",
    "<math><mtext><table><mglyph><style><!--</style>{x}-->", "<math><mtext><table><mglyph><svg><mtext><style><a title='</style>{x}'>", "<svg></p><style><a id='</style>{x}'>",
    "<svg><mtext><style>{x}</style>", "<math><mi><mglyph><style>{x}</style>", "<math><ms><malignmark><title>{x}</title>", "<svg><title><svg><title>{x}</title>", "<option><svg><option><script><p>{x}</script>",
    "<{x}", "<<{x}>", "<scr<!-- -->ipt><p>{x}", "<if<!-- -->rame>{x}", "</{x}", "&lt;{x}", "<!--{x}-->", "<p {x}>", "<p a={x}>", "<p a='{x}'>", "<p a=\"{x}\">", "<p title=\"<!--{x}-->\">",
)  # fmt: skip
CONFUSIONS = tuple(
    way.replace("{x}", element) for number, way in enumerate(WAYS) for element in (ELEMENTS[number % 8], ELEMENTS[0])
)
