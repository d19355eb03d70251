"""Speech to text on this machine, and the routes that offer it.

It may use the rooms below it, from `http` on down; the libraries are the extra `voice`. Start reading in `routes.py`.
"""
