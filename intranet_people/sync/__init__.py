"""From the directory to rows: complete, guarded, one run at a time."""
