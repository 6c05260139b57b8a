"""A problem of the interface as the error it is."""

from __future__ import annotations

import httpx

from service.errors import HechaError, PictureError, leaves


def problem_of(answer: httpx.Response) -> HechaError:
    """The error of an answer (RFC 9457). An answer of somebody else's, a proxy perhaps, is a plain HechaError."""
    try:
        told = answer.json()
        code, detail, instance = str(told["code"]), str(told["detail"]), str(told["instance"])
        fields = tuple((str(each["field"]), str(each["code"])) for each in told.get("errors") or ())
        retryable = bool(told["retryable"])
    except (ValueError, KeyError, TypeError, AttributeError):
        code, detail, instance, fields, retryable = "", f"the answer has status {answer.status_code}", "", (), False
        retryable = answer.status_code in (429, 502, 503, 504)
    kind = {leaf.code: leaf for leaf in leaves()}.get(code, HechaError)
    wish = answer.headers.get("Retry-After", "")
    retry_after_s = int(wish) if wish.isascii() and wish.isdigit() else None
    if issubclass(kind, PictureError):
        error: HechaError = kind(detail, retry_after_s=retry_after_s, role=fields[0][0] if fields else None)
    else:
        error = kind(detail, retry_after_s=retry_after_s, fields=fields)
    error.retryable = retryable
    if instance:
        error.add_note(f"request {instance}")
    return error
