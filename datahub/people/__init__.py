"""Customers: who is who, what they agreed to, and forgetting them."""
