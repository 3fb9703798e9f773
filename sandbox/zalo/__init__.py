"""Zalo, played on this machine from what is publicly known of its API. Imports nothing of the product."""
