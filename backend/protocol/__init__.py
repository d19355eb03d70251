"""The wire protocol (docs/protocol.md): messages, codecs, compression, and the queue of one connection.

This package does no I/O. It may use `backend.prompts`, `backend.text` and what else is below it in the import
contracts. Start with `messages`.
"""
