"""The models that the service can use: an interface, cards that describe checkpoints, and clients of upstream models.

Start with `base`, the interface that the engine implements; `openai_client` implements it for an upstream model, `ray`
for a cluster. The package may use `backend.prompts`, `backend.protocol`, `backend.settings`, `backend.text` and
`engine`.
"""
