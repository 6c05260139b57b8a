"""`hecha keys create | list | revoke` as a command line."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from typing import Any

from service.commands.leaf import add_group, add_leaf, tell
from service.report import Json
from service.settings import Settings

_SCOPES = ("verify", "read", "review", "admin")


def add(commands: Any) -> None:
    """Add `keys` to the commands."""
    keys = add_group(commands, "keys", "Keys of the HTTP interface.")
    create = add_leaf(keys, "create", _create, "Make a key; it is shown once.")
    create.add_argument("--tenant", type=_tenant, default="default", help="whose key it is (default: %(default)s)")
    create.add_argument("--name", type=_name, default="", help="what you call it")
    create.add_argument(
        "--scopes", type=_scopes, default="verify,read", help=f"of {','.join(_SCOPES)} (default: %(default)s)"
    )
    create.add_argument("--replaces", metavar="ID", help="like this key, which ends after --overlap-hours")
    create.add_argument("--overlap-hours", type=_hours, default=24.0, metavar="N", help="default: %(default)s")
    listed = add_leaf(keys, "list", _list, "Every key but its secret.")
    listed.add_argument("--tenant", type=_tenant)
    revoke = add_leaf(keys, "revoke", _revoke, "End a key now.")
    revoke.add_argument("id")
    for parser in (create, listed, revoke):
        parser.add_argument("--json", action="store_true")


def _tenant(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", text, re.ASCII):
        raise argparse.ArgumentTypeError("small letters, digits, - and _ are required, 63 at most")
    return text


def _name(text: str) -> str:
    if len(text) > 64 or not text.isprintable():
        raise argparse.ArgumentTypeError("at most 64 printable characters")
    return text


def _scopes(text: str) -> frozenset[str]:
    found = frozenset(part.strip() for part in text.split(","))
    if not found <= set(_SCOPES):
        raise argparse.ArgumentTypeError(f"scopes are {', '.join(_SCOPES)}")
    return found


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1
    if not 0 <= hours <= 24 * 365:
        raise argparse.ArgumentTypeError("a number of hours is required")
    return hours


def _create(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.commands.key_desk import Scope, key_desk  # loads the store, which few commands need

    with key_desk(settings) as desk:
        if arguments.replaces:
            made = desk.replace(arguments.replaces, timedelta(hours=arguments.overlap_hours))
        else:
            made = desk.create(arguments.tenant, arguments.name, frozenset(map(Scope, arguments.scopes)))
    if arguments.json:
        _print([made], True)
    else:
        print(f"{_line(made)}\n{made['key']}\nKeep it: it is not shown again.")
    return 0


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.commands.key_desk import key_desk

    with key_desk(settings) as desk:
        _print(desk.all((arguments.tenant,) if arguments.tenant else ()), arguments.json)
    return 0


def _revoke(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.commands.key_desk import key_desk

    with key_desk(settings) as desk:
        _print([desk.revoke(arguments.id)], arguments.json)
    return 0


def _print(rows: list[Json], as_json: bool) -> None:
    for row in rows:
        tell(row, _line, as_json)


def _line(row: Json) -> str:
    ends = f", ends {row['ends_at']}" if row["ends_at"] else ""
    used = row["last_used_at"] or "never"
    return f"{row['id']}  {row['tenant']}  {','.join(row['scopes'])}  {row['name']}  last used {used}{ends}"
