"""The language of a request: texts, times and numbers."""
