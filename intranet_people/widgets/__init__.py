"""The fragments of our pages, anywhere in a host's templates."""
