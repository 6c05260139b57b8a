"""The client: one method for each step of an integration."""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from service.client.answers import Judged, OpenedCase, Verdict, reason, time_of, verdict
from service.client.problems import problem_of

Picture = bytes | Path
_PENDING = ("open", "submitted")


class Unreachable(Exception):
    """The service gave no answer, on any try."""


class Client:
    """Safe to share between threads; close it, or use it in `with`.

    Every call raises errors of `service.errors`, with the request's id as a note, or Unreachable.
    """

    def __init__(  # noqa: PLR0913 - all but two are for tests and rare needs
        self,
        url: str,
        key: str,
        *,
        timeout_s: float = 60.0,
        tries: int = 4,
        longest_pause_s: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`tries`: of one call, in all. Who asks for a longer pause than `longest_pause_s` is not waited for."""
        self._http = httpx.Client(
            base_url=url, headers={"X-API-Key": key}, timeout=timeout_s, transport=transport, follow_redirects=False
        )
        self._tries = tries
        self._longest_pause_s = longest_pause_s
        self._sleep = sleep
        self._monotonic = monotonic
        self._chance = chance

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def verify(
        self,
        front: Picture,
        back: Picture,
        selfie: Picture,
        *,
        consent: Mapping[str, Any],
        frames: Sequence[Picture] = (),
        idempotency_key: str | None = None,
        **options: Any,
    ) -> Verdict:
        """One verdict in one call.

        `consent`: `purpose`, `biometric`, `text_version`, `given_at` (aware), `channel`. `frames`: up to four more of
        the selfie. `options`: those of the interface (`external_id`, `claimed_name`, ...).
        """
        parts = [("front", front), ("back", back), ("selfie", selfie), *(("selfie_frames", frame) for frame in frames)]
        answer = self._call(
            "POST",
            "/v1/verifications",
            idempotency_key=idempotency_key,
            files=[(name, (name, _bytes(picture))) for name, picture in parts],
            data=_options({"consent": consent, **options}),
        )
        return verdict(answer.json())

    def verification(self, verification_id: str) -> Verdict:
        """How a verification stands, and its verdict where there is one."""
        return verdict(self._call("GET", f"/v1/verifications/{verification_id}").json())

    def read_document(
        self, front: Picture | None = None, back: Picture | None = None, **options: Any
    ) -> dict[str, Any]:
        """What one or two pictures of a document say, as the interface gives it."""
        sides = {"front": front, "back": back}
        files = {name: (name, _bytes(picture)) for name, picture in sides.items() if picture is not None}
        found: dict[str, Any] = self._call("POST", "/v1/documents", files=files, data=_options(options)).json()
        return found

    def open_case(self, purpose: str, *, idempotency_key: str | None = None, **request: Any) -> OpenedCase:
        """Open a verification that goes step by step. `request`: `checks`, `consent`, `external_id`, `phone`, ..."""
        body = {"purpose": purpose, **request}
        made = self._post("/v1/verifications", body, idempotency_key=idempotency_key).json()
        return OpenedCase(made["id"], made["capture_token"], made["capture_url"], time_of(made["expires_at"]))

    def put_capture(self, case: OpenedCase | str, side: str, picture: Picture) -> Judged:
        """Upload `document_front`, `document_back` or `selfie`; then, if you like, `selfie_2` to `selfie_5`: further
        frames of that selfie, taken within seconds."""
        content = _bytes(picture)
        judged = self._call(
            "PUT",
            f"/v1/verifications/{_id(case)}/captures/{side}",
            content=content,
            headers={"Content-Type": _media_type(content)},
        ).json()
        return Judged(judged["accepted"], tuple(map(reason, judged["findings"])), tuple(judged["missing"]))

    def renew_capture_token(self, case: OpenedCase | str) -> str:
        """A new token for the applicant's device, good for another 15 minutes; the one before ends."""
        return str(self._post(f"/v1/verifications/{_id(case)}/capture-token", {}).json()["capture_token"])

    def submit(
        self,
        case: OpenedCase | str,
        *,
        phone_code_id: str | None = None,
        wait: bool = True,
        idempotency_key: str | None = None,
    ) -> Verdict:
        """The verdict on what was uploaded. Without `wait` it follows later: see `wait`, or a webhook."""
        answer = self._post(
            f"/v1/verifications/{_id(case)}/submit",
            {} if phone_code_id is None else {"phone_code_id": phone_code_id},
            idempotency_key=idempotency_key,
            headers={} if wait else {"Prefer": "respond-async"},
        )
        return verdict(answer.json())

    def wait(self, case: OpenedCase | str, *, timeout_s: float = 120.0, every_s: float = 1.0) -> Verdict:
        """Ask until there is a verdict, or there can be none. Raises TimeoutError."""
        end = self._monotonic() + timeout_s
        while (found := self.verification(_id(case))).state in _PENDING:
            if self._monotonic() + every_s > end:
                raise TimeoutError
            self._sleep(every_s)
        return found

    def send_phone_code(self, phone: str, **request: Any) -> str:
        """Send a code by SMS; its id is what `check_phone_code` and `phone_code_id` take."""
        return str(self._post("/v1/phone/codes", {"phone": phone, **request}).json()["id"])

    def check_phone_code(self, code_id: str, code: str) -> bool:
        """Whether the code was right. It is tried once: a try that was counted is not made again."""
        answer = self._post(f"/v1/phone/codes/{code_id}/check", {"code": code}, tries=1)
        return bool(answer.json()["confirmed"])

    def _post(
        self, path: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        own = {"Content-Type": "application/json", **(headers or {})}
        return self._call("POST", path, content=_json(body), headers=own, **more)

    def _call(
        self,
        method: str,
        path: str,
        *,
        idempotency_key: str | None = None,
        tries: int | None = None,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        own = dict(headers or {})
        if method == "POST":
            own["Idempotency-Key"] = idempotency_key or secrets.token_urlsafe(18)
        tries = tries or self._tries
        for tried in range(1, tries + 1):
            left = tries - tried
            try:
                answer = self._http.request(method, path, headers=own, **request)
            except httpx.TransportError as error:
                if not left:
                    raise Unreachable(f"no answer from the service ({type(error).__name__})") from None
                self._sleep(self._pause_s(tried, None))
                continue
            if answer.is_success:
                return answer
            problem = problem_of(answer)
            pause_s = self._pause_s(tried, problem.retry_after_s)
            if not left or not problem.retryable or pause_s > self._longest_pause_s:
                raise problem
            self._sleep(pause_s)
        raise ValueError("tries must be 1 or more")

    def _pause_s(self, tried: int, wish_s: int | None) -> float:
        # At least what the service asks for, and never in step with everybody else.
        return max(float(wish_s or 0), 0.25 * 2.0**tried) * (1 + 0.2 * self._chance())


def _id(case: OpenedCase | str) -> str:
    return case.id if isinstance(case, OpenedCase) else case


def _bytes(picture: Picture) -> bytes:
    return picture.read_bytes() if isinstance(picture, Path) else picture


def _media_type(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if content[:4] == b"RIFF" else "image/jpeg"


def _options(options: Mapping[str, Any]) -> dict[str, bytes]:
    return {"options": _json(options)} if options else {}


def _json(request: Mapping[str, Any]) -> bytes:
    return json.dumps(request, default=_day).encode()


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent")
