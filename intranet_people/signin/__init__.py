"""Signing in: by the host, the directory's own password, or a server in front."""
