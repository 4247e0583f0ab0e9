"""The people pages, composed of what the capabilities show."""
