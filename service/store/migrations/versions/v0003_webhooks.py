"""Webhook endpoints and the outbox of their deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    _webhooks()
    _webhook_deliveries()


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        _time("created_at"),
        sa.Column("data_key_id", sa.String(64), nullable=False),
        sa.Column("url", sa.LargeBinary, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        _time("failing_since", nullable=True),
        _time("disabled_at", nullable=True),
        sa.Column("disabled_because", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_keys.id"], name="fk_webhooks_data_key_id"),
    )
    op.create_index("ix_webhooks_tenant_created_at", "webhooks", ["tenant", "created_at"])


def _webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("webhook_id", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _time("created_at"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        _time("due_at"),
        sa.Column("fence", sa.Integer, nullable=False),
        _time("leased_until", nullable=True),
        sa.Column("problem", sa.String(32)),
        _time("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name="fk_webhook_deliveries_webhook_id"),
    )
    op.create_index("ix_webhook_deliveries_state_due_at", "webhook_deliveries", ["state", "due_at"])
    op.create_index("ix_webhook_deliveries_webhook_id_state", "webhook_deliveries", ["webhook_id", "state"])
    op.create_index(
        "ix_webhook_deliveries_tenant_state_created_at", "webhook_deliveries", ["tenant", "state", "created_at"]
    )
