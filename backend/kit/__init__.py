"""The kit: the style sheets, scripts and drawings that pages are written over.

This package selects the parts that a page uses, puts them into the page and takes them out again. It may use
`backend.markup` and what is below it in the import contracts. Start with `bundle`.
"""
