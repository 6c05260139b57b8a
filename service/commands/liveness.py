"""`hecha liveness` and `hecha evaluate pad` as command lines."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from service import main as root
from service.batch.pad import judge_pictures, report, write_card
from service.commands import terminal
from service.commands.leaf import add_group, add_leaf, tell
from service.commands.pictures import answer_each
from service.runtime.image import read
from service.settings import Settings


def add(commands: Any) -> None:
    """Add `liveness` and `evaluate` to the commands."""

    def run(arguments: argparse.Namespace, settings: Settings) -> int:
        if bool(arguments.pictures) == bool(arguments.frames):
            parser.error("give pictures, or --frames of one selfie")
        return _pictures(arguments, settings) if arguments.pictures else _frames(arguments, settings)

    parser = add_leaf(commands, "liveness", run, "Whether pictures show a live person.")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE", help="one answer each")
    parser.add_argument("--frames", nargs="+", type=Path, metavar="PICTURE", help="one answer of all, the selfie first")
    parser.add_argument("--json", action="store_true")
    evaluate = add_group(commands, "evaluate", "Measure on your own pictures.")
    pad = add_leaf(evaluate, "pad", _evaluate_pad, "APCER by species, BPCER, intervals, subjects of labelled selfies.")
    pad.add_argument(
        "--labels", type=Path, required=True, metavar="CSV", help="columns file,label,attack,subject[,kind]"
    )
    pad.add_argument("--root", type=Path, metavar="DIR", help="where the files lie (default: beside the labels)")
    pad.add_argument("--write", action="store_true", help="put the table into the model card")


def _pictures(arguments: argparse.Namespace, settings: Settings) -> int:
    return answer_each("liveness", arguments.pictures, settings, show=terminal.liveness, as_json=arguments.json)


def _frames(arguments: argparse.Namespace, settings: Settings) -> int:
    frames = [read(path) for path in arguments.frames]
    with root.one_engine(settings) as pool:
        answer = {"file": str(arguments.frames[0]), "frames": len(frames), **pool.call("liveness", *frames)}
    tell(answer, terminal.liveness, arguments.json)
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
