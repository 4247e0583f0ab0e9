"""Our tables: their base, their types, their revisions."""
