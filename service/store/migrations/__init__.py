"""Alembic migrations; `service.store.migrate` runs them."""
