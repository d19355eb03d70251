"""OpenAI's chat completions and the older completions, for texts of the model and for pages. Start in `routes.py`."""
