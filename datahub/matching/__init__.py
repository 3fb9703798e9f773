"""What the columns of a sheet, a file or a program mean in a table."""
