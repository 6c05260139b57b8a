"""What the leaves of the command share: how one is added, what an argument is, how an answer is shown."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from service.report import Json
from service.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]
"""Arguments and settings -> exit status."""


def add_leaf(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    """One command of argparse's `commands`, which `run` answers."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def add_group(commands: Any, name: str, text: str) -> Any:
    """A command of commands."""
    return commands.add_parser(name, help=text).add_subparsers(required=True, metavar="COMMAND")


def day(text: str) -> date:
    """An argument that is a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day as YYYY-MM-DD is required") from None


def folder(text: str) -> Path:
    """An argument that is a folder to write to, made where it is missing."""
    try:
        path = Path(text)
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        raise argparse.ArgumentTypeError("a folder that can be written is required") from None
    return path


def tell(answer: Json, show: Callable[[Json], str], as_json: bool) -> None:
    """One answer on standard output: a JSON object on a line of its own, or as `show` words it."""
    print(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) if as_json else show(answer), flush=True)
