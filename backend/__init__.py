"""The generative-UI server: it turns addresses and prompts into web pages with a language model.

Each package is a room that may import only the rooms below it, in the order that `pyproject.toml` lists. Start reading
in `app.py`, which connects the rooms, or in `cli/main.py`, which holds the command line.
"""
