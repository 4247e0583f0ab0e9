"""The people, and who may see whom."""
