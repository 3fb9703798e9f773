"""The API for other programs: one file a noun."""
