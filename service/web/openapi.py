"""The OpenAPI 3.1 document: what FastAPI finds in the routes, with our objects and the key."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.errors import IdempotencyInFlight, IdempotencyMismatch, RequestInvalid
from service.web import examples, fields, gallery_schemas, problems, schemas, session_schemas
from service.web.access import GUARDED
from service.web.once import FORM, HEADER, MARK, REPLAYED

_KEYS = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_ONCE = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": f"^{FORM.pattern}$"},
    "description": "Of your choice: the same call made again under the same key has one effect and is answered with "
    f"the same bytes and `{REPLAYED}: true`, for a day.",
}
_REF = "#/components/schemas/{model}"


def document(app: FastAPI) -> dict[str, Any]:
    """Build the document."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        routes=app.routes,
    )
    _drop_foreign_errors(found)
    _, ours = models_json_schema([(model, "serialization") for model in _models()], ref_template=_REF)
    components = found.setdefault("components", {})
    components["schemas"] = dict(sorted({**ours["$defs"], **components.get("schemas", {})}.items()))
    components["securitySchemes"] = _KEYS
    for path, operations in found["paths"].items():
        if path.startswith(f"{GUARDED}/"):
            for operation in operations.values():
                operation["security"] = [{name: []} for name in _KEYS]
            if operations.get("post", {}).pop(MARK, False):
                _say_once(operations["post"])
    return found


def _models() -> list[type[BaseModel]]:
    """Everything that comes in or goes out."""
    rooms = (fields, schemas, session_schemas, gallery_schemas)
    found = dict.fromkeys(each for room in rooms for each in vars(room).values() if isinstance(each, type))
    return [each for each in found if issubclass(each, BaseModel) and each.model_fields]


def _say_once(operation: dict[str, Any]) -> None:
    """What `Idempotency-Key` adds to a call."""
    operation.setdefault("parameters", []).append(_ONCE)
    for status, problem in examples.errors(IdempotencyInFlight, IdempotencyMismatch, RequestInvalid).items():
        known = operation["responses"].setdefault(str(status), problem)
        if known is problem:
            continue
        (content,) = known["content"].values()
        content["examples"] = {**content["examples"], **problem["content"][problems.MEDIA_TYPE]["examples"]}
        for name, header in problem.get("headers", {}).items():
            known.setdefault("headers", {})[name] = {**header, "required": False}  # not all of them pass


def _drop_foreign_errors(found: dict[str, Any]) -> None:
    """FastAPI adds its own shape of error wherever there is a parameter; none of our answers has it."""
    for operations in found["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        found.get("components", {}).get("schemas", {}).pop(name, None)
