"""How fast, how lean: the figures of `make bench`. Each is a ratio of two rates measured in turn in one run."""
