"""The browser's part: the shell in ``static/``, the kit in ``kit/``, and the npm packages that they use.

It uses no other package of the project. Start with README.md.
"""
