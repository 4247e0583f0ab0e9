"""What runs in the background: one at a time, with its progress."""
