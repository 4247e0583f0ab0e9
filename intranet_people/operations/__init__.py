"""For those who run it: the status page, health, and the commands."""
