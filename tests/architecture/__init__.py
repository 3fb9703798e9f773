"""The laws of the house as functions: each takes a Project and returns the sentences that break it."""
