"""Saying hi before a meeting: who will be there, and a first word to people one has not met."""
