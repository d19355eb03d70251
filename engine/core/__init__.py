"""Data types that the whole engine shares: parameters, results, errors, configuration and random numbers.

This room uses no other room of the engine. Start reading in params.py and results.py.
"""
