"""Messy sheets, made up from people and days that are known, and what may become of each row."""
