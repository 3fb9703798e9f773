"""Where an account stands with Zalo: the facts and the words, its page, what lies ahead, and the watch that follows it."""
