"""Detect whether a script may stand in SVG or MathML, where browsers read its text as markup.

A browser decides that by its tree of open elements, which a scanner does not build. So this module follows only
drawings that are nested well and hold only elements that belong in them. After any other drawing a script counts as
inside one, which is the safe assumption.
"""

from backend.markup.scanner import Part, PartKind

_ELEMENTS = """
    svg g defs symbol use switch view a path rect circle ellipse line polyline polygon text tspan textpath image
    lineargradient radialgradient stop pattern clippath mask marker filter style title desc script
    feblend fecolormatrix fecomponenttransfer fecomposite feconvolvematrix fediffuselighting fedisplacementmap
    fedistantlight fedropshadow feflood fefunca fefuncb fefuncg fefuncr fegaussianblur feimage femerge femergenode
    femorphology feoffset fepointlight fespecularlighting fespotlight fetile feturbulence
    animate animatemotion animatetransform mpath set
    math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover mtable mtr mtd
    menclose mpadded mphantom mfenced merror mmultiscripts mprescripts semantics annotation
"""
ELEMENTS = frozenset(_ELEMENTS.split())
ROOTS = frozenset({"svg", "math"})
HTML_INSIDE = frozenset({"desc", "title", "mi", "mn", "mo", "ms", "mtext"})
"""Elements whose content is HTML again."""


class Drawings:
    """Follow the tags of a page, in order."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._lost = False

    def holds(self) -> bool:
        """Return whether the current place may be inside a drawing."""
        return self._lost or bool(self._open)

    def see(self, part: Part, spelled: str) -> None:
        """Process a start or end tag."""
        if part.kind is PartKind.START and (self._open or part.name in ROOTS):
            self._begin(part.name, ended=spelled.endswith("/>"))
        elif part.kind is PartKind.END and self._open:
            self._lost = self._lost or self._open.pop() != part.name

    def _begin(self, name: str, ended: bool) -> None:
        """Process the start of an element in a drawing; `ended` tells that the tag ends in "/>"."""
        inside_html = bool(self._open) and self._open[-1] in HTML_INSIDE
        if inside_html or name not in ELEMENTS or (ended and name in HTML_INSIDE):
            self._lost = True
        elif not ended:
            self._open.append(name)
