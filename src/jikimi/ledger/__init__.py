"""The append-only record, its sealing, its verifier. It must never hold a fact about a person, only ids and digests."""
