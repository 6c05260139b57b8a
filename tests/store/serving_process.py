"""A server over an invented verifier that, told so, kills itself between the commit of a keyed call and its answer."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from service import store as stores
from service import web
from service.faces.calibration import Calibration
from service.phone.otp import CodeRules
from service.phone.sms import Accepted, CodeMessage, SmsAnswer
from service.web import examples, once

KEY = "key-of-the-tests"
CODE = "042042"


class Invented:
    """A verifier and a reader."""

    def verify(self, *_: bytes | None, **__: object) -> dict[str, Any]:
        return {key: examples.VERIFICATION[key] for key in ("decision", "reasons", "checks", "document", "versions")}

    def judge(self, *_: object) -> dict[str, Any]:
        return {"accepted": True, "findings": [], "fields": {}}

    def read_document(self, *_: object) -> dict[str, Any]:
        return examples.DOCUMENT


@dataclass
class Vendor:
    """Writes down each message it is given. `dies`: the process with it, as soon as it is out."""

    book: Path
    dies: bool

    def send(self, number_e164: str, message: CodeMessage) -> SmsAnswer:
        with self.book.open("a") as book:
            book.write("sent\n")
        if self.dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return Accepted("1")


def main(url: str, port: int, word: str, book: Path) -> None:
    """`word`: lives | dies (between commit and answer) | dies sending | later (by four minutes)."""
    if word == "dies":
        real = once.Keeper.answer

        async def answer(self: once.Keeper, *asked: Any) -> Any:
            await real(self, *asked)
            os.kill(os.getpid(), signal.SIGKILL)

        once.Keeper.answer = answer  # type: ignore[method-assign]
    ahead = timedelta(minutes=4 if word == "later" else 0)
    app = web.create_app(
        verifier=Invented(),
        reader=Invented(),
        store=stores.build(url, master_key=bytes(32)),
        sms=Vendor(book, word == "dies sending"),
        clock=lambda: datetime.now(UTC) + ahead,
        api_key_hashes=[hashlib.sha256(KEY.encode()).hexdigest()],
        readiness=lambda: web.Readiness(True),
        log=web.build_log(sys.stderr),
        code_rules=CodeRules(("+86",)),
        draw=lambda _: int(CODE),
        gallery_rules=web.GalleryRules(0.01, 1e-3, lambda: Calibration("", {})),
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
