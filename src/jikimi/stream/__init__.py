"""NATS JetStream: the log of facts, the log of decisions, live subjects, snapshots. It must never acknowledge before disk."""
