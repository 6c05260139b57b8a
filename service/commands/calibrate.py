"""`hecha calibrate` as a command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from service import main as root
from service.commands.leaf import add_leaf
from service.settings import Settings


def add(commands: Any) -> None:
    """Add `calibrate` to the commands."""
    parser = add_leaf(
        commands, "calibrate", _calibrate, "Fit thresholds of the face weight on your own lawful pictures."
    )
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument(
        "--people", type=Path, metavar="DIR", help="a folder per person; groups.csv (person,group) in it"
    )
    given.add_argument("--pairs", type=Path, metavar="CSV", help="columns file_a,file_b,same[,person_a,person_b,group]")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where the files of --pairs lie (default: beside it)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="gets calibration.json and the plots")
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap (default: %(default)s)")


def _calibrate(arguments: argparse.Namespace, settings: Settings) -> int:
    said = root.calibrate(arguments.people, arguments.pairs, arguments.root, arguments.out, arguments.seed, settings)
    said.append(f"written: {arguments.out / 'calibration.json'}; name it in HECHA_CALIBRATION")
    sys.stderr.write("\n".join(said) + "\n")
    return 0
