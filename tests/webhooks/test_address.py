from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from service.webhooks.address import Reach, TargetRefused, is_public

PUBLIC = ("1.1.1.1", "93.184.216.34", "223.5.5.5", "2606:4700:4700::1111", "2400:3200::1")
REFUSED = (
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.9.10",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_allowed(text: str) -> None:
    Reach().check((text,), 443, plain=False)


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(TargetRefused, match="address_refused"):
        Reach().check((text,), 443, plain=False)


def test_a_mapped_address_is_judged_by_what_it_maps() -> None:
    Reach().check(("::ffff:1.1.1.1",), 443, plain=False)
    assert not is_public(ip_address("::ffff:1.1.1.1")), "by itself it is no address of the public internet"


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    with pytest.raises(TargetRefused):
        Reach().check(("1.1.1.1", "10.0.0.1"), 443, plain=False)


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(TargetRefused):
        Reach().check(("fe80::1%eth0",), 443, plain=False)
    with pytest.raises(TargetRefused):
        Reach().check(("localhost",), 443, plain=False)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "not_https"),
        ("ftp://example.com/", "not_https"),
        ("//example.com/", "not_https"),
        ("https://", "invalid"),
        ("https:///path", "invalid"),
        ("https://user:secret@example.com/", "invalid"),
        ("https://example.com@127.0.0.1/", "invalid"),
        ("https://@example.com/", "invalid"),
        ("https://example.com/#part", "invalid"),
        ("https://example.com:0/", "invalid"),
        ("https://example.com:99999/", "invalid"),
        ("https://example.com:port/", "invalid"),
        ("https://[::1/", "invalid"),
        ("https://exa mple.com/", "invalid"),
        ("https://example.com/\r\nHost: inside", "invalid"),
        ("https://example.com\\@127.0.0.1/", "invalid"),
        ("https://１２７.０.０.１/", "invalid"),
        ("https://127。0。0。1/", "invalid"),
        ("https://bücher.example/", "invalid"),
        ("https://example.com/" + "a" * 2048, "invalid"),
        ("https://example.com:22/", "port_refused"),
        ("https://1.1.1.1:6379/", "port_refused"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://169.254.169.254/latest/meta-data", "address_refused"),
        ("https://[::1]/", "address_refused"),
        ("https://[::ffff:127.0.0.1]/", "address_refused"),
        ("https://[64:ff9b::a9fe:a9fe]/", "address_refused"),
    ],
)
def test_an_address_nobody_could_use_is_refused_when_it_is_given(url: str, code: str) -> None:
    with pytest.raises(TargetRefused, match=code):
        Reach().check_url(url)


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?tenant=1", "https://xn--bcher-kva.example", "https://1.1.1.1/"]
)
def test_ordinary_addresses_are_taken(url: str) -> None:
    Reach().check_url(url)


def test_networks_of_the_operator_are_allowed_besides() -> None:
    inside = Reach(networks=(ip_network("10.0.0.0/8"),))
    inside.check(("10.1.2.3",), 8443, plain=False)
    inside.check(("::ffff:10.1.2.3",), 8443, plain=False)
    with pytest.raises(TargetRefused):
        inside.check(("192.168.1.1",), 443, plain=False)
    with pytest.raises(TargetRefused, match="port_refused"):
        inside.check(("1.1.1.1",), 8443, plain=False)
    with pytest.raises(TargetRefused, match="not_https"):
        inside.check_url("http://10.1.2.3/")


def test_plain_http_never_goes_to_the_internet() -> None:
    development = Reach(networks=(ip_network("127.0.0.0/8"),), plain_http=True)
    development.check_url("http://127.0.0.1:9999/")
    development.check_url("http://localhost:9999/")
    with pytest.raises(TargetRefused):
        development.check(("1.1.1.1",), 443, plain=True)
