"""Attempts are dropped by their time."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the index."""
    op.create_index("ix_attempts_at", "attempts", ["at"])
