"""Whom a vendor's TLS must be of, and what of the environment counts."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from service.phone.http_post import HttpPost, NotSent, Reply

from .vendor_server import answer, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of `localhost`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + made.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


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
