"""PURE. The sheet doctor: what is wrong with a whole sheet, each fault by name and with its repair."""
