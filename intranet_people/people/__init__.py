"""The store: who there is, kept in step with the directory."""
