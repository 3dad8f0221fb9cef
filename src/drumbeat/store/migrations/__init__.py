"""The schema's history: numbered, forward only, each safe beside the version before it."""
