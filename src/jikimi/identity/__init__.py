"""Accounts, sessions, and who is asking. It must never keep a password or a session's token in clear."""
