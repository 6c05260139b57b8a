"""What a phone code is bound to and counted under; the codes are the sends, so their own table goes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SCOPES = ("number_digest", "prefix_digest", "address_digest", "country")


def upgrade() -> None:
    """Add scopes to the codes and drop the sends: every send has a code of the same time and number."""
    op.add_column("phone_codes", sa.Column("case_id", sa.String(64)))
    op.add_column("phone_codes", sa.Column("prefix_digest", sa.LargeBinary(32)))
    op.add_column("phone_codes", sa.Column("address_digest", sa.LargeBinary(32)))
    op.add_column("phone_codes", sa.Column("country", sa.String(8)))
    op.add_column("phone_codes", sa.Column("delivery", sa.String(16)))
    for scope in _SCOPES:
        op.create_index(f"ix_phone_codes_tenant_{scope}_created_at", "phone_codes", ["tenant", scope, "created_at"])
    op.create_index("ix_phone_codes_tenant_created_at", "phone_codes", ["tenant", "created_at"])
    op.drop_table("phone_sends")
