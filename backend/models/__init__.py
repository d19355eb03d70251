"""The models that the service can use: an interface, cards that describe checkpoints, and clients of models elsewhere.

Start with `base`, the interface that the engine implements. `openai_client` implements it for an upstream model, and
`ray` for a cluster. The package may use `backend.pages`, `backend.prompts`, `engine` and what else is below it in the
import contracts.
"""
