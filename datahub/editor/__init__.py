"""Changing a table's columns: what may change, what it would break, who uses them."""
