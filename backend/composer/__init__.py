"""Turn an action of a visitor into the brief of a page.

`intent` finds what an action means, `continuity` what the page before leaves, and `facts` what is known of the subject.
`compose` puts them together; start there. The package may use `backend.models`, `backend.pages`, `backend.banks` and
what else is below it in the import contracts.
"""
