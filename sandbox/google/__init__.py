"""Google's token endpoint and the Sheets API v4 over the practice sheets: the part of them that a program like ours uses.

What it does not play it refuses with 400 rather than guess.
"""
