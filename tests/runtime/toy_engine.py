"""An engine that misbehaves on request."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from service.errors import PictureCorrupt, WeightMissing


class Toy:
    def __init__(self) -> None:
        self.hoard: list[np.ndarray] = []
        self.answered = 0

    def double(self, number: int) -> int:
        self.answered += 1
        return 2 * number

    def pid(self) -> int:
        return os.getpid()

    def nap(self, seconds: float, result: object = None) -> object:
        time.sleep(seconds)
        return result

    def spin(self, *_: object) -> None:
        while True:
            pass

    def segfault(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def exit(self) -> None:
        os._exit(3)

    def leave(self) -> None:
        raise SystemExit(0)

    def refuse(self) -> None:
        raise PictureCorrupt(role="front")

    def stumble(self, secret: str) -> None:
        raise ValueError(f"cannot read {secret}")

    def unpicklable(self) -> object:
        return lambda: None

    def eat(self, megabytes: int) -> int:
        return int(np.ones(megabytes * 1_000_000, np.uint8)[::1_000_000].sum())

    def hoard_memory(self, megabytes: int) -> None:
        self.hoard.append(np.ones(megabytes * 1_000_000, np.uint8))

    def echo(self, content: bytes) -> bytes:
        return content

    def environment(self, name: str) -> str | None:
        return os.environ.get(name)

    def shout(self) -> None:
        print("not a result")  # noqa: T201


def build() -> Toy:
    return Toy()


def build_without_weights() -> Toy:
    raise WeightMissing("Weight toy.onnx is missing; run `hecha models fetch`.")


def build_and_die() -> Toy:
    os.kill(os.getpid(), signal.SIGKILL)
    return Toy()


def build_and_stumble() -> Toy:
    raise RuntimeError("a secret path")


def build_once(marker: str) -> Toy:
    """The first build works; later ones find a weight missing."""
    if Path(marker).exists():
        raise WeightMissing
    Path(marker).touch()
    return Toy()
