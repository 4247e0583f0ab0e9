"""The released schemas: how they are dumped, loaded and compared (`python -m tests.schemas`)."""
