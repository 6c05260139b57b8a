"""The operator's settings, read from HECHA_* environment variables. Only `service.main` and the command know them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from service.errors import SettingsInvalid
from service.sms_settings import SmsSettings

ROOT = Path(__file__).resolve().parent.parent


def _cores() -> int:
    return max(1, len(os.sched_getaffinity(0)))


class Settings(SmsSettings):
    """One field per HECHA_* variable; the description is the documentation (README, settings table)."""

    model_config = SettingsConfigDict(env_prefix="HECHA_", extra="ignore")

    mode: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start with generated keys and prints no SMS on the console."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    state: Path = Field(ROOT / "var", description="Folder of the embedded database and the generated development keys.")
    database_url: str = Field("", description="SQLAlchemy URL; empty = SQLite in the state folder.")
    models: Path = Field(ROOT / "models", description="Folder of `manifest.toml` and the weights.")
    policy: Path = Field(
        ROOT / "service" / "policy.toml", description="The operator's policy; see `hecha policy check`."
    )
    engines: int = Field(default_factory=_cores, ge=1, le=256, description="Engine processes; default one per core.")
    engine_threads: int = Field(
        default_factory=_cores,
        ge=1,
        le=64,
        description="Threads of one engine's model runs; all cores answer one caller soonest, 1 serves most at a time.",
    )
    engine_timeout_s: float = Field(
        30.0,
        gt=0,
        description="Seconds of work a request may take; four times as long if starved.",
    )
    engine_memory_mb: int = Field(1500, ge=128, description="MiB one request may add to a loaded engine.")
    queue_limit: int = Field(16, ge=0, description="Requests that may wait for an engine; beyond it 503.")
    api_key: SecretStr = Field(
        SecretStr(""),
        description="Keys of the default tenant with every scope, comma separated; empty = those of `hecha keys` "
        "alone, and in development a generated one.",
    )
    master_key: SecretStr = Field(
        SecretStr(""), description="32 bytes in hex that wrap the data keys; empty in development = generated."
    )
    attempts_per_day: int | None = Field(
        None,
        ge=1,
        description="Verdicts per document number, cases per phone and device hint, within 24 hours; empty = 10 in "
        "production, no cap in development.",
    )
    gallery_templates: int = Field(
        1_000_000,
        ge=1,
        description="Face templates a tenant's gallery may hold, and the galleries in memory together; 1.2 kB each.",
    )
    phone_countries: str = Field(
        "",
        description="Calling codes whose numbers get SMS codes, comma separated; empty = `+86` in development, none.",
    )
    secrets_dir: Path | None = Field(
        None,
        description="Folder of files named like variables in lower case (`hecha_master_key`), for secrets.",
    )
    keep_answers_hours: int = Field(24, ge=1, description="Hours an answer is kept under its `Idempotency-Key`.")
    keep_deliveries_days: int = Field(30, ge=1, description="Days an ended delivery to a webhook is kept.")
    keep_ended_days: int = Field(
        30, ge=0, description="Days until an expired or withdrawn verification is erased, its consent record with it."
    )
    webhook_networks: str = Field(
        "",
        description="Networks (CIDR, comma separated) webhooks may go to besides public addresses, on any port; in "
        "development also by plain http.",
    )
    webhook_ports: str = Field("443", description="Ports of public addresses webhooks may go to, comma separated.")
    insightface_pack: Path | None = Field(
        None, description="Folder of an InsightFace model pack to use instead of the default face weights."
    )
    calibration: Path | None = Field(
        None, description="The `calibration.json` of `hecha calibrate` to use instead of the built-in thresholds."
    )
    accept_noncommercial_weights: bool = Field(
        False, description="1 = you hold a licence for, or may use, weights that are not free for commercial use."
    )

    @property
    def database(self) -> str:
        """The database's URL with the default filled in."""
        return self.database_url or f"sqlite:///{self.state / 'hecha.db'}"


def load_settings() -> Settings:
    """Settings of the environment; raises SettingsInvalid, which names the variable but not its value."""
    folder = os.environ.get("HECHA_SECRETS_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        raise SettingsInvalid("HECHA_SECRETS_DIR: no such folder")
    try:
        return Settings(_secrets_dir=folder)
    except ValidationError as error:
        problems = "; ".join(f"HECHA_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsInvalid(problems) from None
