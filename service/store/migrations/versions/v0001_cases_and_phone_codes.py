"""Cases with their data keys, phone codes and the sends that count against caps."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the first tables."""
    _data_keys()
    _verifications()
    _phone_codes()
    _phone_sends()


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _data_keys() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_data_keys"),
    )


def _verifications() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        _time("created_at"),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("data_key_id", sa.String(64), nullable=False),
        sa.Column("outcome", sa.LargeBinary, nullable=False),
        sa.Column("external_id", sa.LargeBinary),
        sa.Column("external_id_digest", sa.LargeBinary(32)),
        sa.Column("front_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("back_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("selfie_digest", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifications"),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_keys.id"], name="fk_verifications_data_key_id"),
    )
    op.create_index("ix_verifications_tenant_created_at", "verifications", ["tenant", "created_at"])
    op.create_index("ix_verifications_tenant_external_id_digest", "verifications", ["tenant", "external_id_digest"])


def _phone_codes() -> None:
    op.create_table(
        "phone_codes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("number_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        _time("created_at"),
        _time("expires_at"),
        _time("confirmed_at", nullable=True),
        _time("used_at", nullable=True),
        sa.Column("used_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_phone_codes"),
    )


def _phone_sends() -> None:
    op.create_table(
        "phone_sends",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("number_digest", sa.LargeBinary(32), nullable=False),
        _time("sent_at"),
        sa.PrimaryKeyConstraint("id", name="pk_phone_sends"),
    )
    op.create_index(
        "ix_phone_sends_tenant_number_digest_sent_at", "phone_sends", ["tenant", "number_digest", "sent_at"]
    )
