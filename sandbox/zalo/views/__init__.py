"""Zalo over HTTP: each view reads the clock, calls one function and answers."""
