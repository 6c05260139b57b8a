"""`hecha compare` as a command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from service import main as root
from service.batch.pairs import compare_pairs
from service.commands import terminal
from service.commands.leaf import add_leaf, tell
from service.runtime.image import read
from service.settings import Settings


def add(commands: Any) -> None:
    """Add `compare` to the commands."""
    parser = add_leaf(commands, "compare", _compare, "How alike two faces are, or the faces of many pairs.")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE")
    parser.add_argument("--pairs", type=Path, metavar="CSV", help="columns file_a,file_b,...")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where the files of --pairs lie (default: beside it)")
    parser.add_argument("--out", type=Path, metavar="CSV", help="file_a,file_b,similarity,status")
    parser.add_argument("--json", action="store_true")


def _compare(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.pairs:
        return _compare_pairs(arguments, settings)
    if len(arguments.pictures) != 2:
        return _usage("compare takes two pictures, or --pairs with --out")
    with root.one_engine(settings) as pool:
        answer = pool.call("compare", *(read(path) for path in arguments.pictures))
    tell(answer, terminal.comparison, arguments.json)
    return 0


def _compare_pairs(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.pictures or not arguments.out:
        return _usage("compare --pairs takes --out and no pictures")
    folder = arguments.root or arguments.pairs.parent
    with root.all_engines(settings) as pool:
        compare_pairs(arguments.pairs, folder, arguments.out, pool=pool, log=sys.stderr)
    return 0


def _usage(text: str) -> int:
    print(f"hecha: {text}", file=sys.stderr)
    return 2
