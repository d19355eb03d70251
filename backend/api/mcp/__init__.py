"""The Model Context Protocol: tools by which hosts have pages made, and a view that shows the pages.

Start reading in `server.py`.
"""
