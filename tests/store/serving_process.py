"""A server over an invented verifier that, told so, kills itself between the commit of a keyed call and its answer."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

import uvicorn

from service import store as stores
from service import web
from service.phone.otp import CodeRules
from service.phone.sms import unset
from service.web import examples, once

KEY = "key-of-the-tests"


class Invented:
    """A verifier and a reader."""

    def verify(self, *_: bytes | None, **__: object) -> dict[str, Any]:
        return {key: examples.VERIFICATION[key] for key in ("decision", "reasons", "checks", "document", "versions")}

    def judge(self, *_: object) -> dict[str, Any]:
        return {"accepted": True, "findings": [], "fields": {}}

    def read_document(self, *_: object) -> dict[str, Any]:
        return examples.DOCUMENT


def main(url: str, port: int, *, dies: bool) -> None:
    if dies:
        real = once.Keeper.answer

        async def answer(self: once.Keeper, *asked: Any) -> Any:
            await real(self, *asked)
            os.kill(os.getpid(), signal.SIGKILL)

        once.Keeper.answer = answer  # type: ignore[method-assign]
    app = web.create_app(
        verifier=Invented(),
        reader=Invented(),
        store=stores.build(url, master_key=bytes(32)),
        sms=unset.build(),
        clock=lambda: datetime.now(UTC),
        api_key_hashes=[hashlib.sha256(KEY.encode()).hexdigest()],
        readiness=lambda: web.Readiness(True),
        log=web.build_log(sys.stderr),
        code_rules=CodeRules(("+86",)),
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), dies=sys.argv[3] == "dies")
