"""Pages and texts that are being made: the waiting line, one job for each, and the maker that submits them to a model.

It may use the rooms below it, from `composer` on down. Start reading in `page_maker.py`.
"""
