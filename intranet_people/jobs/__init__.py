"""Background jobs: one run at a time, with progress."""
