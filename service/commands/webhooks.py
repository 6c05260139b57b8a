"""`hecha webhooks list | redeliver` as a command line."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from service.commands.leaf import add_group, add_leaf, tell
from service.report import Json
from service.settings import Settings

_STATES = ("dead", "pending", "delivered")


def add(commands: Any) -> None:
    """Add `webhooks` to the commands."""
    webhooks = add_group(commands, "webhooks", "Deliveries to webhooks.")
    listed = add_leaf(webhooks, "list", _list, "Deliveries in a state, the oldest first.")
    listed.add_argument("--state", choices=_STATES, default="dead", help="default: %(default)s")
    listed.add_argument("--tenant")
    listed.add_argument("--json", action="store_true")
    again = add_leaf(webhooks, "redeliver", _redeliver, "Send deliveries again: those named, or all dead ones.")
    again.add_argument("ids", nargs="*", metavar="ID")
    again.add_argument("--dead", action="store_true", help="every dead one (of --tenant)")
    again.add_argument("--tenant")


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.commands.webhook_desk import State, webhook_desk  # loads the store, which few commands need

    with webhook_desk(settings) as desk:
        for row in desk.deliveries(arguments.tenant, State(arguments.state)):
            tell(row, _line, arguments.json)
    return 0


def _redeliver(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.commands.webhook_desk import State, webhook_desk

    if bool(arguments.ids) == arguments.dead:
        print("hecha: webhooks redeliver takes ids, or --dead", file=sys.stderr)
        return 2
    with webhook_desk(settings) as desk:
        ids = arguments.ids or [row["id"] for row in desk.deliveries(arguments.tenant, State.DEAD)]
        for delivery_id in ids:
            desk.redeliver(delivery_id)
    print(f"{len(ids)} will be sent again", file=sys.stderr)
    return 0


def _line(row: Json) -> str:
    problem = f", {row['problem']}" if row["problem"] else ""
    return f"{row['id']}  {row['tenant']}  {row['case_id']}  {row['created_at']}  tries {row['tries']}{problem}"
