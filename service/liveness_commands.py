"""`hecha liveness` and `hecha evaluate pad` as command lines."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service import main as root
from service import terminal
from service.batch.pad import judge_pictures, report, write_card
from service.runtime.image import read
from service.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]
_Add = Callable[[Any, str, Command, str], argparse.ArgumentParser]


def add(commands: Any, command: _Add, each: Command) -> None:
    """Add `liveness` and `evaluate` to the commands; `command` adds one leaf, `each` answers picture by picture."""

    def run(arguments: argparse.Namespace, settings: Settings) -> int:
        if bool(arguments.pictures) == bool(arguments.frames):
            parser.error("give pictures, or --frames of one selfie")
        return each(arguments, settings) if arguments.pictures else _frames(arguments, settings)

    parser = command(commands, "liveness", run, "Whether pictures show a live person.")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE", help="one answer each")
    parser.add_argument("--frames", nargs="+", type=Path, metavar="PICTURE", help="one answer of all, the selfie first")
    parser.add_argument("--json", action="store_true")
    evaluate = commands.add_parser("evaluate", help="Measure on your own pictures.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    pad = command(evaluate, "pad", _evaluate_pad, "APCER by species, BPCER, intervals, subjects of labelled selfies.")
    pad.add_argument(
        "--labels", type=Path, required=True, metavar="CSV", help="columns file,label,attack,subject[,kind]"
    )
    pad.add_argument("--root", type=Path, metavar="DIR", help="where the files lie (default: beside the labels)")
    pad.add_argument("--write", action="store_true", help="put the table into the model card")


def _frames(arguments: argparse.Namespace, settings: Settings) -> int:
    frames = [read(path) for path in arguments.frames]
    with root.one_engine(settings) as pool:
        answer = {"file": str(arguments.frames[0]), "frames": len(frames), **pool.call("liveness", *frames)}
    shown = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    print(shown if arguments.json else terminal.liveness(answer), flush=True)
    return 0


def _evaluate_pad(arguments: argparse.Namespace, settings: Settings) -> int:
    with root.all_engines(settings) as pool:
        judged = judge_pictures(arguments.labels, arguments.root or arguments.labels.parent, pool)
    table = report(judged)
    print(table)
    if arguments.write:
        command = f"hecha evaluate pad --labels {arguments.labels.name}"
        write_card(settings.models / "cards" / "passive_liveness.md", command, table)
    return 0
