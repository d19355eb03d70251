"""The wire protocol (docs/protocol.md): messages, codecs, compression, and the queue of one connection.

This package does no I/O. It may use `backend.prompts`, `backend.shape`, `backend.text` and `backend.errors`. Start with
`messages`.
"""
