"""A child process that can be killed and is capped in memory: for whatever reads foreign data."""
