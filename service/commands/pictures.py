"""One answer a picture, as `hecha read` and `hecha liveness` give it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from service import main as root
from service.commands.leaf import tell
from service.errors import HechaError
from service.report import Json
from service.runtime.image import read
from service.settings import Settings


def answer_each(
    job: str,
    pictures: Iterable[Path],
    settings: Settings,
    *more: object,
    show: Callable[[Json], str],
    as_json: bool,
    keep: Callable[[Path, bytes, Json], Json] | None = None,
) -> int:
    """One answer or one named error per picture, in order; 1 if any picture could not be used.

    `job`: of the engine. `more`: what it takes besides the picture. `keep`: writes files of an answer and gives what
    is shown of it.
    """
    failed = False
    with root.one_engine(settings) as pool:
        for path in pictures:
            try:
                data = read(path)
                given = pool.call(job, data, *more)
                answer = {"file": str(path), **(keep(path, data, given) if keep else given)}
            except HechaError as error:
                failed = True
                answer = {"file": str(path), "error": {"code": error.code, "detail": error.detail}}
            tell(answer, show, as_json)
    return int(failed)
