"""A person's page and card."""
