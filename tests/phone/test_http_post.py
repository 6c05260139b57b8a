"""Whom a vendor's TLS must be of, and what of the environment counts."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from service.phone.http_post import HttpPost, NotSent, Reply

from .vendor_server import answer, serving


def _trusting(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> HttpPost:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return HttpPost(deadline_s=20, connect_s=10)


def test_an_authority_of_ones_own(certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(200, b"{}"), tls) as server:
        replied = _trusting(certificate, monkeypatch)(server.url, {}, b"x")
    assert replied == Reply(200, b"{}")
    assert [request.body for request in server.requests] == [b"x"]


def test_another_name_gets_nothing(certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(200, b"{}"), tls) as server:
        url = server.url.replace("localhost", "127.0.0.1")
        assert _trusting(certificate, monkeypatch)(url, {}, b"x") == NotSent()
    assert server.requests == []


def test_an_unknown_authority_gets_nothing(tls: ssl.SSLContext) -> None:
    with serving(answer(200, b"{}"), tls) as server:
        assert HttpPost(deadline_s=20, connect_s=10)(server.url, {}, b"x") == NotSent()
    assert server.requests == []


def test_no_password_of_the_environment_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password canary")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(answer(200, b"{}")) as server:
        HttpPost()(server.url, {}, b"x")
    assert "authorization" not in server.requests[0].headers
