"""The way from each released schema to the next: Alembic's environment, and a file per revision."""
