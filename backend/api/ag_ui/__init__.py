"""AG-UI 1.0: one run makes one page and streams it as an activity that CopilotKit can render. Start in `routes.py`."""
