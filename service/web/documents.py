"""`/v1/documents`: what one or two pictures of a document say. Nothing of it is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service import errors
from service.errors import NotReady
from service.store import Scope
from service.web import examples, multipart, uploads
from service.web.access import needs
from service.web.ports import Limits, Reader, Readiness, Wish


def build(reader: Reader, *, limits: Limits, readiness: Callable[[], Readiness]) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["documents"], dependencies=[Depends(needs(Scope.VERIFY))])

    @router.post("/v1/documents", responses=_ANSWERS, openapi_extra=_REQUEST)
    def read_document(request: Request, body: Annotated[bytes, Depends(uploads.whole_body)]) -> Response:
        """Read a document from a picture of its front, its back or both; nothing is stored."""
        upload = uploads.read_document(multipart.of(request, body), limits)
        if not readiness().ready:
            raise NotReady(retry_after_s=5)
        options = upload.options
        wish = Wish(options.today, options.kind, options.card_image, options.portrait_image)
        found = reader.read_document(upload.front, upload.back, wish)
        rendered = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return Response(rendered.encode(), media_type="application/json")

    return router


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: examples.answer("What the pictures say", "Document", examples.DOCUMENT),
    **examples.errors(
        errors.RequestMalformed,
        errors.Unauthorized,
        errors.ScopeMissing,
        errors.RequestTimeout,
        errors.RequestTooLarge,
        errors.ContentTypeUnsupported,
        errors.RequestInvalid,
        *examples.PICTURE_ERRORS,
        errors.EngineFailed,
        errors.InternalError,
        errors.EngineBusy,
        errors.NotReady,
        errors.StoreUnavailable,
    ),
}
_REQUEST = {
    "requestBody": {
        "required": True,
        "content": examples.form(
            {"anyOf": [{"required": ["front"]}, {"required": ["back"]}]},
            {
                "front": examples.picture("The side with the portrait, or the only page."),
                "back": examples.picture("The other side."),
            },
            "DocumentOptions",
            examples.DOCUMENT_OPTIONS,
        ),
    }
}
