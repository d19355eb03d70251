"""The command line, the one room that may import every other. Start reading in `main.py`."""
