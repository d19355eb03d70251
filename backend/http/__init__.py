"""What the service serves over HTTP and websockets: the shell, its pages, connections, limits, and checks of requests.

It may use the rooms below it, from `sessions` on down; the APIs in `backend.api` are built on it. Start reading in
`websocket.py` and `browser_files.py`.
"""
