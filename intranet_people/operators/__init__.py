"""For those who run it: the check of what was set, the state of the sync, its health."""
