"""Text to tokens and back, through a checkpoint's own tokenizer and chat template.

The room uses the engine's core and the file names of its checkpoint room. Start reading in tokenizer.py.
"""
