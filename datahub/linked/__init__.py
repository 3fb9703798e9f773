"""A sheet that we read and write ourselves: what the script decides in the sheet is decided here, by the same rules."""
