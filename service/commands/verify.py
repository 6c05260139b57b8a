"""`hecha verify` as a command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from service import main as root
from service.commands import terminal
from service.commands.leaf import add_leaf, day, tell
from service.evidence import Claim
from service.runtime.image import read
from service.settings import Settings


def add(commands: Any) -> None:
    """Add `verify` to the commands."""
    parser = add_leaf(commands, "verify", _verify, "One verdict from the two sides of an ID card and a selfie.")
    for role in ("front", "back", "selfie"):
        parser.add_argument(f"--{role}", type=Path, required=True, metavar="PICTURE")
    parser.add_argument(
        "--frames", nargs="+", type=Path, default=[], metavar="PICTURE", help="more frames of the selfie"
    )
    parser.add_argument("--phone", metavar="NUMBER", help="send a code to this number (+86...) and ask for it")
    parser.add_argument("--claimed-name", metavar="NAME", help="as the applicant typed it; compared with the card's")
    parser.add_argument("--claimed-number", metavar="NUMBER", help="the same for the ID number")
    parser.add_argument("--today", type=day, metavar="YYYY-MM-DD", help="the day to judge validity on")
    parser.add_argument("--json", action="store_true")


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    pictures = [read(path) for path in (arguments.front, arguments.back, arguments.selfie)]
    frames = tuple(read(path) for path in arguments.frames)
    today = arguments.today or root.local_today()
    confirmed, claim = _applicant(arguments, settings)
    with root.one_engine(settings) as pool:
        answer = pool.call("verify", *pictures, today, confirmed, claim, frames)
    tell(answer, terminal.verdict, arguments.json)
    return 0


def _applicant(arguments: argparse.Namespace, settings: Settings) -> tuple[bool | None, Claim | None]:
    """Whether the phone is confirmed, and what was typed."""
    typed = (arguments.claimed_name, arguments.claimed_number)
    claim = None if typed == (None, None) else Claim(*typed)
    if not arguments.phone:
        return None, claim
    from service.commands.phone_question import ask_carrier, confirm_phone  # loads the store, which few commands need

    confirmed = confirm_phone(arguments.phone, settings, _ask)
    return confirmed, ask_carrier(claim, arguments.phone, settings) if claim and confirmed else claim


def _ask(prompt: str) -> str:
    # On standard error: standard output is for the verdict.
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
