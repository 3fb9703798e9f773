"""Taking a file into a table: looked at, mapped, taken in bit by bit, and perhaps taken back."""
