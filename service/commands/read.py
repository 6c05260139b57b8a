"""`hecha read` as a command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from service import main as root
from service.commands import terminal
from service.commands.annotate import Annotator
from service.commands.leaf import add_leaf, day, folder
from service.commands.pictures import answer_each
from service.commands.reading_files import ReadingFiles
from service.evidence import DOCUMENT_KINDS
from service.settings import Settings


def add(commands: Any) -> None:
    """Add `read` to the commands."""
    parser = add_leaf(commands, "read", _read, "What pictures of documents say.")
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--kind", choices=DOCUMENT_KINDS, help="the kind that is asked for (default: any)")
    parser.add_argument(
        "--today", type=day, metavar="YYYY-MM-DD", help="the day to judge validity on, and the century of dates"
    )
    parser.add_argument("--crops", type=folder, metavar="DIR", help="write the card set upright, and its portrait")
    parser.add_argument("--annotate", type=folder, metavar="DIR", help="write the picture with what was read drawn on")
    parser.add_argument("--json", action="store_true")


def _read(arguments: argparse.Namespace, settings: Settings) -> int:
    annotator = Annotator(root.chinese_font(settings)) if arguments.annotate else None
    return answer_each(
        "read",
        arguments.pictures,
        settings,
        arguments.kind,
        arguments.today or root.local_today(),
        bool(arguments.crops),
        show=terminal.reading,
        as_json=arguments.json,
        keep=ReadingFiles(arguments.crops, arguments.annotate, annotator).keep,
    )
