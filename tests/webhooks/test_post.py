from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from http_receiver import OK, Receiver, receiving

from service.webhooks import Limits, Poster, Reach, Unreachable, resolve


def leads_to(*addresses: str) -> Callable[[str, int], list[str]]:
    def answer(host: str, port: int) -> list[str]:
        return list(addresses)

    return answer


def send(poster: Poster, url: str) -> tuple[int, str | None]:
    answer = poster.post(url, {"webhook-id": "msg_1"}, b'{"a":1}')
    return answer.status, answer.retry_after


def test_the_receiver_gets_the_bytes_and_the_name(poster: Poster, receiver: Receiver) -> None:
    assert send(poster, f"http://localhost:{receiver.port}/hook?x=%2F1") == (200, None)
    (request,) = receiver.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /hook?x=%2F1 HTTP/1.1"
    assert f"Host: localhost:{receiver.port}".encode() in lines
    assert b"webhook-id: msg_1" in lines
    assert body == b'{"a":1}'


def test_an_answer_says_when_to_come_again(poster: Poster, receiver: Receiver) -> None:
    receiver.answers("503 Busy\r\nRetry-After: 120")
    assert send(poster, receiver.url) == (503, "120")


def test_a_redirect_is_not_followed(poster: Poster, receiver: Receiver) -> None:
    receiver.answers(f"302 Found\r\nLocation: http://127.0.0.1:{receiver.port}/inside")
    assert send(poster, receiver.url)[0] == 302
    assert len(receiver.requests) == 1


def test_a_proxy_of_the_environment_is_not_used(
    poster: Poster, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(poster, receiver.url)[0] == 200


NAMES = {
    "metadata.example": ["169.254.169.254"],
    "inside.example": ["10.0.0.1"],
    "two.example": ["1.1.1.1", "127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "localhost.": ["127.0.0.1"],
    "2130706433": ["127.0.0.1"],
    "0177.0.0.1": ["127.0.0.1"],
    "0x7f.1": ["127.0.0.1"],
    "zone.example": ["fe80::1%eth0"],
}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_inside(receiver: Receiver, name: str) -> None:
    ports = frozenset({receiver.port})
    guarded = Poster(Reach(ports=ports), leads_to(*NAMES[name]), ssl.create_default_context())
    with pytest.raises(Unreachable, match="address_refused"):
        send(guarded, f"https://{name}:{receiver.port}/")
    assert receiver.connections == 0


@pytest.mark.parametrize("name", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "localhost.", "localhost"])
def test_the_systems_own_resolver_does_not_fool_it(receiver: Receiver, name: str) -> None:
    guarded = Poster(Reach(ports=frozenset({receiver.port})), resolve, ssl.create_default_context())
    with pytest.raises(Unreachable) as refused:
        send(guarded, f"https://{name}:{receiver.port}/")
    # A resolver may also not know such a spelling.
    assert refused.value.code in {"address_refused", "dns"}
    assert receiver.connections == 0


def test_a_name_that_changes_its_address_gains_nothing(poster: Poster, receiver: Receiver) -> None:
    """DNS rebinding: the first answer is harmless, all later ones lead to the receiver inside."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    reach = Reach(networks=(ip_network("192.0.2.0/24"),), plain_http=True)
    with pytest.raises(Unreachable):
        send(
            replace(poster, reach=reach, resolve=rebinding, limits=Limits(deadline_s=1)),
            receiver.url.replace("127.0.0.1", "rebind.example"),
        )
    assert asked == ["rebind.example"], "a name is asked for once, and what was checked is what is called"
    assert receiver.connections == 0


def test_a_second_address_is_tried_where_the_first_is_deaf(poster: Poster, receiver: Receiver) -> None:
    two = replace(poster, resolve=leads_to("127.0.0.2", "127.0.0.1"))
    assert send(two, f"http://twins.example:{receiver.port}/")[0] == 200


def _drip(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def _silent(connection: socket.socket) -> None:
    time.sleep(1.5)


def _endless_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"a" * 1000 + b"\r\n")


def _endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"a" * 65536)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (_drip, "timeout"),
        (_silent, "timeout"),
        (_endless_head, "too_large"),
        (lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"), "protocol"),
        (lambda connection: connection.close(), "protocol"),
    ],
)
def test_a_bad_receiver_costs_little(
    poster: Poster, receiver: Receiver, behaviour: Callable[[socket.socket], None], code: str
) -> None:
    receiver.behaviour = behaviour
    with pytest.raises(Unreachable, match=code):
        send(replace(poster, limits=Limits(deadline_s=1)), receiver.url)
    assert len(receiver.requests) == 1


def test_what_follows_the_head_is_of_no_importance(poster: Poster, receiver: Receiver) -> None:
    receiver.behaviour = _endless_body
    assert send(poster, receiver.url)[0] == 200


def test_failures_have_names(poster: Poster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="connect"):
        send(poster, f"http://127.0.0.1:{port}/")

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Unreachable, match="dns"):
        send(replace(poster, resolve=unknown), "http://nowhere.example/")
    with pytest.raises(Unreachable, match="dns"):
        send(replace(poster, resolve=leads_to()), "http://nowhere.example/")
    with pytest.raises(Unreachable, match="dns"):
        send(poster, f"http://{'a' * 70}.example/")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `hooks.example` that signs itself, with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    both = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(secret + made.public_bytes(pem))
    return both


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    """The receiver over TLS; it keeps the name it was asked for in front of each request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiving(context) as made:
        context.sni_callback = lambda _socket, name, _context: made.requests.append(str(name).encode())
        yield made


def test_tls_is_made_with_the_name_and_the_checked_address(poster: Poster, secure: Receiver, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    named = replace(poster, tls=trusting, resolve=leads_to("127.0.0.1"))
    assert send(named, f"https://hooks.example:{secure.port}/")[0] == 200
    assert secure.requests[0] == b"hooks.example"
    with pytest.raises(Unreachable, match="tls"):
        send(named, f"https://other.example:{secure.port}/")
    with pytest.raises(Unreachable, match="tls"):
        send(replace(named, tls=ssl.create_default_context()), f"https://hooks.example:{secure.port}/")
    assert len([each for each in secure.requests if each.startswith(b"POST")]) == 1


def test_a_receiver_without_tls_gets_nothing(poster: Poster, receiver: Receiver) -> None:
    receiver.behaviour = lambda connection: connection.sendall(OK)
    named = replace(poster, resolve=leads_to("127.0.0.1"), limits=Limits(deadline_s=1))
    with pytest.raises(Unreachable):
        send(named, f"https://hooks.example:{receiver.port}/")
