"""Verifications that go step by step: state, consent, token, pictures until the verdict; attempts by digest."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SIDES = {"document_front": "front_digest", "document_back": "back_digest", "selfie": "selfie_digest"}


def upgrade() -> None:
    """The cases there are have been decided; their three digests become rows of `captures`."""
    _verifications()
    _captures()
    for side, column in _SIDES.items():
        op.execute(
            "INSERT INTO captures (case_id, side, tenant, digest, stored_at) "
            f"SELECT id, '{side}', tenant, {column}, created_at FROM verifications"
        )
    for column in _SIDES.values():
        op.drop_column("verifications", column)
    _attempts()


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _verifications() -> None:
    # Before `captures` points to it: SQLite alters a table by copying it and dropping the old one.
    with op.batch_alter_table("verifications") as table:
        table.add_column(sa.Column("state", sa.String(16), nullable=False, server_default="decided"))
        table.alter_column("decision", existing_type=sa.String(16), nullable=True)
        table.alter_column("outcome", existing_type=sa.LargeBinary, nullable=True)
        table.add_column(_time("expires_at"))
        table.add_column(sa.Column("request", sa.LargeBinary))
        table.add_column(sa.Column("consent", sa.LargeBinary))
        table.add_column(sa.Column("submission", sa.LargeBinary))
        table.add_column(sa.Column("face", sa.Boolean, nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("biometric_consent", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("token_digest", sa.LargeBinary(32)))
        table.add_column(_time("token_ends_at"))
        for name in ("uploads", "submits", "fence", "tries"):
            table.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        table.add_column(_time("leased_until"))
        table.add_column(sa.Column("problem", sa.String(64)))
        table.create_unique_constraint("uq_verifications_token_digest", ["token_digest"])
        table.drop_index("ix_verifications_tenant_created_at")
        table.create_index("ix_verifications_tenant_created_at_id", ["tenant", "created_at", "id"])
        table.create_index("ix_verifications_state_leased_until", ["state", "leased_until"])
        table.create_index("ix_verifications_state_expires_at", ["state", "expires_at"])


def _captures() -> None:
    op.create_table(
        "captures",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("judged", sa.LargeBinary),
        sa.Column("picture", sa.LargeBinary),
        _time("stored_at", nullable=False),
        sa.PrimaryKeyConstraint("case_id", "side", name="pk_captures"),
        sa.ForeignKeyConstraint(["case_id"], ["verifications.id"], name="fk_captures_case_id"),
    )
    op.create_index("ix_captures_tenant_digest", "captures", ["tenant", "digest"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        _time("at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_tenant_kind_digest_at", "attempts", ["tenant", "kind", "digest", "at"])
