"""Galleries that tenants opened, and the face templates in them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "galleries",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_galleries"),
    )
    op.create_table(
        "face_templates",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("case_id", sa.String(64)),
        sa.Column("data_key_id", sa.String(64)),
        sa.Column("number_digest", sa.LargeBinary(32)),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("template", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("added_by", sa.String(64)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_face_templates"),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_keys.id"], name="fk_face_templates_data_key_id"),
    )
    op.create_index("ix_face_templates_tenant_sequence", "face_templates", ["tenant", "sequence"])
    op.create_index("ix_face_templates_tenant_case_id", "face_templates", ["tenant", "case_id"])
    op.create_index("ix_face_templates_tenant_kind_created_at_id", "face_templates", ["tenant", "kind", "created_at", "id"])
    # Erasing a data key looks for what is sealed under it.
    op.create_index("ix_face_templates_data_key_id", "face_templates", ["data_key_id"])
