"""`/docs`, `/openapi.json` and `/problems`: the documentation, rendered here without a single outside request."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.errors import HechaError, NotFound
from service.web import problems

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem;border-top:1px solid #d5dbe3;padding-top:1rem}
code,pre{font:14px/1.45 ui-monospace,monospace;background:#f3f5f8;border-radius:4px}code{padding:.1em .3em}
pre{padding:.8rem;overflow-x:auto}pre code{padding:0}.verb{color:#0a5bb5;font-weight:600}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #e6eaef}summary{cursor:pointer;padding:.2rem 0}
@media(prefers-color-scheme:dark){body{background:#14181e;color:#dde3ea}code,pre{background:#20262e}.verb{color:#6db3ff}}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def build(schema: Callable[[], dict[str, Any]]) -> APIRouter:
    """The routes. `schema` gives the OpenAPI document."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    def openapi() -> Response:
        """The API, for machines."""
        return JSONResponse(schema())

    @router.get("/docs")
    def docs() -> Response:
        """The API, for people."""
        return _page("Hecha API", _api(schema()))

    @router.get("/problems")
    def all_problems() -> Response:
        """Every error code."""
        return _page("Errors", "".join(_problem(kind) for kind in problems.by_code().values()))

    @router.get("/problems/{code}")
    def problem(code: str) -> Response:
        """One error code."""
        kind = problems.by_code().get(code)
        if kind is None:
            raise NotFound
        return _page(problems.title(kind.code), _problem(kind))

    return router


def _page(title: str, content: str) -> Response:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})


def _problem(kind: type[HechaError]) -> str:
    again = "The same request may succeed later." if kind.retryable else "The same request will fail again."
    return (
        f'<h2 id="{kind.code}"><code>{kind.code}</code></h2><p>Status {kind.status}. {escape(kind.__doc__ or "")} '
        f"{again}</p>"
    )


def _api(schema: dict[str, Any]) -> str:
    info = schema["info"]
    parts = [
        f"<p>{escape(info['description'])}</p>",
        f'<p>Version {escape(info["version"])} · <a href="/openapi.json">openapi.json</a> (OpenAPI '
        f'{escape(schema["openapi"])}) · <a href="/problems">errors</a></p>',
    ]
    for path, operations in schema["paths"].items():
        parts += [_operation(verb, path, operation) for verb, operation in operations.items()]
    parts.append("<h2>Objects</h2>")
    parts += [_object(name, each) for name, each in schema["components"]["schemas"].items()]
    return "".join(parts)


def _operation(verb: str, path: str, operation: dict[str, Any]) -> str:
    text = [
        f'<h2><span class="verb">{verb.upper()}</span> <code>{escape(path)}</code></h2>',
        f"<p>{escape(operation.get('description', ''))}</p>",
    ]
    if operation.get("security"):
        text.append("<p>Needs an API key: header <code>X-API-Key</code> or <code>Authorization: Bearer</code>.</p>")
    text.append(_code(_curl(verb, path, operation)))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        text.append(f"<h3>Request: <code>{escape(media)}</code></h3>{_schema(content['schema'])}")
    text.append("<h3>Answers</h3>")
    text += [_answer(status, answer) for status, answer in operation["responses"].items()]
    return "".join(text)


def _answer(status: str, answer: dict[str, Any]) -> str:
    shown = []
    for content in answer.get("content", {}).values():
        examples = content.get("examples", {}).values()
        shown += [_json(each["value"]) for each in examples] or [_json(content.get("example"))]
    head = f"<summary><code>{status}</code> {escape(answer['description'])}</summary>"
    return f"<details>{head}{''.join(shown)}</details>"


def _schema(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<p><a href="#{name}">{name}</a></p>'
    required = schema.get("required", ())
    rows = [
        f"<tr><td><code>{escape(name)}</code></td><td>{'required' if name in required else ''}</td>"
        f"<td>{_type(each)}</td><td>{escape(each.get('description', ''))}</td></tr>"
        for name, each in schema.get("properties", {}).items()
    ]
    return f"<table>{''.join(rows)}</table>"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    return escape(schema.get("format") or schema.get("type", "anything"))


def _object(name: str, schema: dict[str, Any]) -> str:
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(schema.get("description", ""))}</p>{_schema(schema)}'


def _curl(verb: str, path: str, operation: dict[str, Any]) -> str:
    words = ["curl"] if verb in ("get", "post") else ["curl", "-X", verb.upper()]
    if operation.get("security"):
        words.append('-H "X-API-Key: $HECHA_KEY"')
    media = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in media:
        parts = media["multipart/form-data"]["schema"]["properties"]
        words += [f"-F {name}=@{name}.jpg" for name, part in parts.items() if "contentMediaType" in part]
    elif "image/jpeg" in media:
        words.append('-H "Content-Type: image/jpeg" --data-binary @picture.jpg')
    elif media:
        (example,) = media["application/json"]["examples"].values()
        words.append(f"--json '{json.dumps(example['value'])}'")
    elif verb != "get":
        words.append(f"-X {verb.upper()}")
    return " ".join([*words, f"$HECHA_URL{path}"])


def _json(value: object) -> str:
    return _code(json.dumps(value, ensure_ascii=False, indent=2))


def _code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"
