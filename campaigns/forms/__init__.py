"""What a person may type on the pages of this app, and what may be chosen there. Forms read; services write."""
