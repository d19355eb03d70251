"""Kinds of pages as data: each is a file over the kit, from which a small engine draws pages (docs/kinds.md).

Start with kind.py, which reads a file. drawn.py decides what one page is to be, and page.py makes its markup. asking.py
words the request, and changes.py a change. examples.py makes training pairs, and gate.py judges kinds.
"""
