"""Files that people bring: what each one is, and the rows in it."""
