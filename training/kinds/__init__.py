"""Kinds of pages as data: each a file over the kit, drawn by one small engine (docs/kinds.md).

kind.py reads a file, bank.py what its pages speak of, drawn.py what one page is to be, page.py makes its markup,
asking.py words the request and changes.py a change; examples.py makes training pairs of them and gate.py judges them.
"""
