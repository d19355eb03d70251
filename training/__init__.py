"""Training of small block-diffusion models: drawn pages, tokenizers, losses, and evaluation in a browser.

Training shares prompts, banks and the kit with the service, and uses nothing else of it. Start with ``train.py``.
"""
