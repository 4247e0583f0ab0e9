"""Finding people by the beginnings of words."""
