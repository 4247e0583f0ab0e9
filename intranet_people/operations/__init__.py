"""For operators: the status page, the health check and the commands."""
