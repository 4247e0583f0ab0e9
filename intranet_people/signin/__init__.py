"""Signing in with the directory's own password."""
