"""Following people, to see them first."""
