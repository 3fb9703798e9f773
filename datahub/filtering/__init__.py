"""Filter trees while people edit them: what fits a table, what it says in words, the form."""
