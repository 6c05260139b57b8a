"""The tables. `migrations/` builds them; a test holds both against each other."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)
from sqlalchemy.types import TypeDecorator

DEFAULT_TENANT = "default"
"""The tenant of the keys that the settings name; `hecha keys create` makes others."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone, so it is put back on reading; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


DATA_KEYS = Table(
    "data_keys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

VERIFICATIONS = Table(
    "verifications",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decision", String(16)),
    Column("data_key_id", String(64), ForeignKey("data_keys.id"), nullable=False),
    Column("outcome", LargeBinary),
    Column("external_id", LargeBinary),
    Column("external_id_digest", LargeBinary(32)),
    Column("expires_at", UtcDateTime),
    Column("request", LargeBinary),
    Column("capture_key", LargeBinary),
    Column("consent", LargeBinary),
    Column("face", Boolean, nullable=False),
    Column("biometric_consent", Boolean, nullable=False),
    Column("token_digest", LargeBinary(32), unique=True),
    Column("token_ends_at", UtcDateTime),
    Column("uploads", Integer, nullable=False),
    Column("submits", Integer, nullable=False),
    Column("submission", LargeBinary),
    Column("tries", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("leased_until", UtcDateTime),
    Column("problem", String(64)),
    Index(None, "tenant", "created_at", "id"),
    Index(None, "tenant", "external_id_digest"),
    Index(None, "state", "leased_until"),
    Index(None, "state", "expires_at"),
)

CAPTURES = Table(
    "captures",
    METADATA,
    Column("case_id", String(64), ForeignKey("verifications.id"), primary_key=True),
    Column("side", String(16), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("judged", LargeBinary),
    Column("picture", LargeBinary),
    Column("stored_at", UtcDateTime, nullable=False),
    Index(None, "tenant", "digest"),
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("tenant", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "tenant", "kind", "digest", "at"),
    Index(None, "at"),
)

PHONE_CODES = Table(
    "phone_codes",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("case_id", String(64)),
    Column("number_digest", LargeBinary(32), nullable=False),
    Column("prefix_digest", LargeBinary(32)),
    Column("address_digest", LargeBinary(32)),
    Column("country", String(8)),
    Column("purpose", String(32), nullable=False),
    Column("code_digest", LargeBinary(32), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("delivery", String(16)),
    Column("confirmed_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    Column("used_by", String(64)),
    # Each cap reads the newest few of its scope.
    Index(None, "tenant", "number_digest", "created_at"),
    Index(None, "tenant", "prefix_digest", "created_at"),
    Index(None, "tenant", "address_digest", "created_at"),
    Index(None, "tenant", "country", "created_at"),
    Index(None, "tenant", "created_at"),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
)

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("data_key_id", String(64), ForeignKey("data_keys.id"), nullable=False),
    Column("url", LargeBinary, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("disabled_because", String(32)),
    Index(None, "tenant", "created_at"),
)

WEBHOOK_DELIVERIES = Table(
    "webhook_deliveries",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("webhook_id", String(64), ForeignKey("webhooks.id"), nullable=False),
    Column("case_id", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("leased_until", UtcDateTime),
    Column("problem", String(32)),
    Column("settled_at", UtcDateTime),
    Index(None, "state", "due_at"),
    Index(None, "webhook_id", "state"),
    Index(None, "tenant", "state", "created_at"),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("request_digest", LargeBinary(32), nullable=False),
    Column("case_id", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("leased_until", UtcDateTime, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("answer", LargeBinary),
    Index(None, "created_at"),
    Index(None, "tenant", "case_id"),
)

GALLERIES = Table(
    "galleries",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String(64), nullable=False),
)

FACE_TEMPLATES = Table(
    "face_templates",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("case_id", String(64)),
    Column("data_key_id", String(64), ForeignKey("data_keys.id")),
    Column("number_digest", LargeBinary(32)),
    Column("model_sha256", String(64), nullable=False),
    Column("template", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reason", String(64)),
    Column("added_by", String(64)),
    Column("removed_at", UtcDateTime),
    Column("removed_by", String(64)),
    Index(None, "tenant", "sequence"),
    Index(None, "tenant", "case_id"),
    Index(None, "tenant", "kind", "created_at", "id"),
    Index(None, "data_key_id"),
)
