"""`alembic.runtime`: what runs."""
