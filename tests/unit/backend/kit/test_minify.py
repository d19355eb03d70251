"""Fewer bytes, the same style sheet."""

import pytest

from backend.kit import bundle
from backend.kit.minify import squeezed


@pytest.mark.parametrize(
    ("css", "short"),
    [
        (".a { color: red; }\n/* b { */ .b { margin: 0 0.5em -0.25em }", ".a{color:red}.b{margin:0 .5em -.25em}"),
        (".a { inset: calc(1em * 0.5 + 2px) } ", ".a{inset:calc(1em*.5 + 2px)}"),
        (".a { margin: 10.5px 0.5px } v0.5 { b: c }", ".a{margin:10.5px .5px}v0.5{b:c}"),
        (".a > b + c ~ d, .e { color: transparent !important }", ".a>b+c~d,.e{color:#0000!important}"),
        (""".a { b: "> 0.5; } , transparent" } .b { c: '"; }' }""", """.a{b:"> 0.5; } , transparent"}.b{c:'"; }'}"""),
        ("@media (max-width: 40rem) { .a { b: c; } }", "@media (max-width:40rem){.a{b:c}}"),
        (".a { b: c } .a > d { e: f } .a:hover { g: h } .a i { j: k }", ".a{b:c;>d{e:f}&:hover{g:h}i{j:k}}"),
        (".ab > c { d: e } .ab > f { g: h }", ".ab{>c{d:e}>f{g:h}}"),
        ("&.a { b: c } &.a.d { e: f } &.a g { h: i }", "&.a{b:c;&.d{e:f}g{h:i}}"),
        (".a { b: c } .a::before, .a::after { d: e }", ".a{b:c}.a::before,.a::after{d:e}"),
        (".a, .b { c: d } .a, .b > e { f: g }", ".a,.b{c:d}.a,.b>e{f:g}"),
        (":is(.a, .b) > c { d: e } :is(.a, .b) > c:hover { f: g }", ":is(.a,.b)>c{d:e;&:hover{f:g}}"),
        (".long > a { b: c } p { q: r } .long > a { s: t }", ".long>a{b:c}p{q:r}.long>a{s:t}"),
        (".long::before { a: b } .long::before { c: d }", ".long{&::before{a:b}&::before{c:d}}"),
        ("@keyframes a { 12.5% { b: c } 12.6% { b: d } }", "@keyframes a{12.5%{b:c}12.6%{b:d}}"),
        ("& * { a: b } & *::before { a: b }", "& *{a:b;&::before{a:b}}"),
        (".a { b: c } /* open", ".a{b:c}"),
        ("", ""),
    ],
)  # fmt: skip
def test_squeezed(css: str, short: str) -> None:
    assert squeezed(css) == short


def test_a_sheet_that_is_squeezed_stays_so() -> None:
    for part in bundle.sheets():
        assert squeezed(part.rules) == part.rules, part.name
