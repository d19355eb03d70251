"""What several tests share: fakes, clients, servers of their own, and texts.

It may use every package of the project. Start with ``fakes.py`` and ``running_service.py``.
"""
