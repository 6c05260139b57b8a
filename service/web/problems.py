"""Errors as answers: RFC 9457 `application/problem+json`, the same shape for every error there is."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from service.errors import (
    ContentTypeUnsupported,
    HechaError,
    InputError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PictureError,
    RequestInvalid,
    RequestMalformed,
    RequestTooLarge,
    Unauthorized,
    leaves,
)

MEDIA_TYPE = "application/problem+json"

_USUAL_PAUSE_S = 5

_BY_STATUS: dict[int, type[HechaError]] = {
    400: RequestMalformed,
    401: Unauthorized,
    404: NotFound,
    405: MethodNotAllowed,
    413: RequestTooLarge,
    415: ContentTypeUnsupported,
    422: RequestInvalid,
}

# pydantic's words -> ours, which stay when pydantic changes.
_FIELD_CODES = {"missing": "missing", "extra_forbidden": "unknown_key"}


def title(code: str) -> str:
    """A code as a short title."""
    return code.replace("_", " ").capitalize()


def document(error: HechaError, instance: str) -> dict[str, Any]:
    """The problem document of an error. `instance` is the id of the request."""
    problem: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": title(error.code),
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
        "retryable": error.retryable,
    }
    fields = _fields(error)
    if fields:
        problem["errors"] = [{"field": name, "code": code} for name, code in fields]
    return problem


def response(error: HechaError, scope: Scope, *, headers: dict[str, str] | None = None) -> Response:
    """The answer for an error; its code is left in the scope for the log."""
    exchange = scope.get("hecha", {})
    exchange["code"] = error.code
    # Which cap, which check: words of our own, while the names beside them may be the caller's.
    exchange["why"] = ",".join(sorted({why for _, why in error.fields})) or None
    answer = Response(
        json.dumps(document(error, exchange.get("request_id", "")), ensure_ascii=False),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )
    if error.retry_after_s is not None or error.retryable:  # what passes by waiting says how long
        answer.headers["Retry-After"] = str(max(1, error.retry_after_s or _USUAL_PAUSE_S))
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="hecha"'
    return answer


def install(app: FastAPI) -> None:
    """Let the app answer every error with a problem. The unexpected ones are left to the edge, which logs them.

    The handlers are `async`, so that errors are answered while every worker thread is busy.
    """

    @app.exception_handler(HechaError)
    async def on_hecha_error(request: Request, error: HechaError) -> Response:
        return response(error, request.scope)

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
        return response(of_validation(error.errors()), request.scope)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        headers = {"Allow": _allowed(request)} if error.status_code == MethodNotAllowed.status else None
        return response(_BY_STATUS.get(error.status_code, InternalError)(), request.scope, headers=headers)


def _allowed(request: Request) -> str:
    """Every method of the address (RFC 9110 §10.2.1): the framework names those of the first route it tried."""
    template = getattr(request.scope.get("route"), "path", None)
    same = (each for each in iter_route_contexts(request.app.routes) if each.path == template)
    return ", ".join(sorted({method for each in same for method in each.methods or ()}))


def of_validation(found: Any, *, at: str = "body") -> InputError:
    """pydantic's list of errors as one of ours: paths and codes only, no value and no name the caller made up."""
    if any(each["type"] == "json_invalid" for each in found):
        return RequestMalformed(fields=((at, "json_invalid"),))
    return RequestInvalid(fields=tuple(dict.fromkeys(_field(each, at) for each in found)))


def by_code() -> dict[str, type[HechaError]]:
    """Every error a caller can meet, by code."""
    return {leaf.code: leaf for leaf in leaves()}


def _field(found: Any, at: str) -> tuple[str, str]:
    path = [str(step) for step in found["loc"] if step not in ("body", "path", "query")]
    if found["type"] == "extra_forbidden":
        path = path[:-1]  # the last step is the caller's own word
    prefix = [] if at == "body" else [at]
    return ".".join(prefix + path) or at, _FIELD_CODES.get(found["type"], "invalid")


def _fields(error: HechaError) -> tuple[tuple[str, str], ...]:
    if not error.fields and isinstance(error, PictureError) and error.role is not None:
        return ((error.role, error.code),)  # the role became known after the error was raised
    return error.fields
