"""Requests between steps: their canvases, held tokens and readings, and the Generation that a caller gets.

The room uses the engine's core and the model's key-value cache. Start reading in request.py.
"""
