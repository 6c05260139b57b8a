"""The `hecha` command. `--json` prints one JSON object per input on standard output; all else goes to standard error.

Exit status: 0 when every input was processed (whatever the verdict), 1 for a failure, which is named by its code,
2 for bad usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from service import main as root
from service.commands import calibrate, compare, keys, liveness, models, read, terminal, verify, webhooks
from service.commands.leaf import Command, add_group, add_leaf, day
from service.errors import HechaError
from service.settings import Settings, load_settings


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
    verify.add(commands)
    read.add(commands)
    compare.add(commands)
    liveness.add(commands)
    _add_batch(commands)
    _add_serve(commands)
    models.add(commands)
    _add_policy(commands)
    keys.add(commands)
    calibrate.add(commands)
    webhooks.add(commands)
    return parser


def _add_batch(commands: Any) -> None:
    batch = add_group(commands, "batch", "Many cases at once.")
    parser = add_leaf(batch, "run", _batch_run, "Verify every row of a manifest; started again, it goes on.")
    parser.add_argument("manifest", type=Path, help="CSV with the columns id,front,back,selfie")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="gets results.jsonl")
    parser.add_argument("--today", type=day, metavar="YYYY-MM-DD", help="the day to judge validity on")


def _batch_run(arguments: argparse.Namespace, settings: Settings) -> int:
    root.run_batch(arguments.manifest, arguments.out, arguments.today, settings)
    return 0


def _add_serve(commands: Any) -> None:
    parser = add_leaf(commands, "serve", _serve, "Run the HTTP service.")
    parser.add_argument("--host", help="address to listen on (HECHA_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (HECHA_PORT)")
    parser.add_argument(
        "--sample", action="store_true", help="verify the built-in sample person when ready and print the verdict"
    )


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from service.commands.serve import serve  # loads the web framework, which no other command needs

    changed = {name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    serve(settings.model_copy(update=changed), sample=arguments.sample)
    return 0


def _add_policy(commands: Any) -> None:
    policy = add_group(commands, "policy", "The operator's policy.")
    check = add_leaf(policy, "check", _policy_check, "Read a policy and say what it asks for.")
    check.add_argument("path", nargs="?", type=Path, help="default: HECHA_POLICY")


def _policy_check(arguments: argparse.Namespace, settings: Settings) -> int:
    print(terminal.policy(root.check_policy(settings, arguments.path)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
