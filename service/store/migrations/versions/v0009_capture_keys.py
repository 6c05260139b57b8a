"""Pictures under keys of their own, which end with the verdict. PostgreSQL: sealed bytes cannot be compressed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LIVING = "state IN ('open', 'submitted', 'retake')"


def upgrade() -> None:
    """No migration holds a key: pictures sealed the old way are dropped, and what they were for expires."""
    op.add_column("verifications", sa.Column("capture_key", sa.LargeBinary))
    op.execute(f"DELETE FROM captures WHERE case_id IN (SELECT id FROM verifications WHERE {_LIVING})")
    op.execute(f"UPDATE verifications SET state = 'expired', token_digest = NULL, token_ends_at = NULL WHERE {_LIVING}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE captures ALTER COLUMN picture SET STORAGE EXTERNAL")
