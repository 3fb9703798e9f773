"""Webhooks of other programs: any JSON, read by a mapping that is data."""
