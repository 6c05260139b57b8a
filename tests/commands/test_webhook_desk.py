"""`hecha webhooks` on a store of its own, and how far webhooks go by the settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.cli import main
from service.commands.webhook_desk import reach, webhook_desk
from service.errors import SettingsInvalid
from service.settings import Settings
from service.store import Event, Store
from service.webhooks import Outcome, State

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """With three dead deliveries, two of the tenant acme."""
    monkeypatch.setenv("HECHA_STATE", str(tmp_path / "state"))
    with webhook_desk(Settings()) as desk:
        for number, tenant in enumerate(("acme", "acme", "other")):
            with desk.store.transaction() as transaction:
                if number != 1:
                    desk.store.webhooks.add(
                        transaction, tenant=tenant, webhook_id=f"whk_{tenant}", url="https://example.com/", now=NOW
                    )
                desk.store.outbox.announce(transaction, Event(tenant, f"ver_{number}", "approved", NOW))
            parcel = desk.store.outbox.claim(now=NOW, lease=timedelta(minutes=1))
            assert parcel
            desk.store.outbox.settle(
                parcel, Outcome(State.DEAD, problem="timeout"), now=NOW, give_up_after=timedelta(days=5)
            )
        yield desk.store


def _cases(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["webhooks", "list", "--json", *words]) == 0
    return [json.loads(line)["case_id"] for line in capsys.readouterr().out.splitlines()]


def test_the_dead_are_listed_and_sent_again(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(_cases(capsys)) == ["ver_0", "ver_1", "ver_2"]
    assert _cases(capsys, "--tenant", "other") == ["ver_2"]
    assert main(["webhooks", "list"]) == 0
    dead = capsys.readouterr().out.splitlines()
    assert all("timeout" in line and "2026-11-27T08:00:00Z" in line for line in dead)
    assert main(["webhooks", "redeliver", dead[-1].split()[0]]) == 0
    assert len(_cases(capsys)) == 2
    assert main(["webhooks", "redeliver", "--dead", "--tenant", "acme"]) == 0
    assert main(["webhooks", "redeliver", "--dead"]) == 0
    assert _cases(capsys) == []
    assert len(_cases(capsys, "--state", "pending")) == 3


def test_redeliver_says_what_it_needs(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "redeliver"]) == 2
    assert main(["webhooks", "redeliver", "msg_1", "--dead"]) == 2
    assert main(["webhooks", "redeliver", "msg_unknown"]) == 1
    assert "not_found" in capsys.readouterr().err


def test_plain_http_is_for_development() -> None:
    inside = {"webhook_networks": "127.0.0.0/8, ::1/128", "webhook_ports": "443,8443"}
    found = reach(Settings(**inside))
    assert (found.plain_http, found.ports, len(found.networks)) == (True, {443, 8443}, 2)
    assert not reach(Settings(mode="production", **inside)).plain_http


@pytest.mark.parametrize(
    "wrong", [{"webhook_networks": "inside"}, {"webhook_networks": "10.0.0.1/8"}, {"webhook_ports": "https"}]
)
def test_a_setting_that_cannot_be_used_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid, match=f"HECHA_{next(iter(wrong)).upper()}"):
        reach(Settings(**wrong))
