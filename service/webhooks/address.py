"""Which addresses a webhook may go to: the wall against server-side request forgery (OWASP API7:2023).

A name is judged by every address it resolves to, at the moment of the connection; a way of writing an address (decimal,
octal, a trailing dot) is therefore of no importance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL_CHARS = 2048

_UNICAST_6 = IPv6Network("2000::/3")
"""All that is assigned to the public internet (RFC 4291 §2.4). Outside lie NAT64 (64:ff9b::/96, 64:ff9b:1::/48), the
embedded forms of IPv4, site-local, link-local and multicast addresses."""
_REFUSED = tuple(
    ip_network(text)
    for text in (
        # Which of these Python knows as special depends on its version.
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "2002::/16",  # 6to4: holds any IPv4 address (RFC 3056)
        "2001::/23",  # protocol assignments (RFC 2928), among them Teredo, which holds one too
        "3fff::/20",  # documentation (RFC 9637)
    )
)


class TargetRefused(Exception):
    """A webhook may not go there. `code` says why and holds nothing of the address."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far webhooks go. `networks` are allowed besides public addresses; `ports` are those of public addresses;
    `plain_http` admits http towards `networks`."""

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset({443})
    plain_http: bool = False

    def check_url(self, url: str) -> SplitResult:
        """A URL taken apart. Raises TargetRefused for what no address could make right."""
        parts = _split(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and self.plain_http):
            raise TargetRefused("not_https")
        if "@" in parts.netloc or parts.fragment or not parts.hostname:
            raise TargetRefused("invalid")
        if _literal(parts.hostname) is not None:
            self.check((parts.hostname,), port_of(parts), plain=parts.scheme == "http")
        elif not self.networks and port_of(parts) not in self.ports:
            raise TargetRefused("port_refused")
        return parts

    def check(self, addresses: Sequence[str], port: int, *, plain: bool) -> None:
        """Raises TargetRefused unless every one of a name's addresses may be called; `plain` = without TLS."""
        for text in addresses:
            address = _literal(text)
            if address is None:
                raise TargetRefused("address_refused")
            if any(address in network for network in self.networks):
                continue
            if plain or not is_public(address):
                raise TargetRefused("address_refused")
            if port not in self.ports:
                raise TargetRefused("port_refused")


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, by itself and not by what it may embed."""
    if any(address in network for network in _REFUSED):
        return False
    if address.version == 6 and address not in _UNICAST_6:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def port_of(parts: SplitResult) -> int:
    """The port a URL means."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def _split(url: str) -> SplitResult:
    # Whoever writes a name in other letters (full-width digits, look-alike dots) may write it in its ASCII form.
    if len(url) > MAX_URL_CHARS or not url.isascii() or any(not "!" <= char <= "~" or char == "\\" for char in url):
        raise TargetRefused("invalid")
    try:
        parts = urlsplit(url)
        if parts.port == 0:
            raise TargetRefused("invalid")
    except ValueError:
        raise TargetRefused("invalid") from None
    return parts


def _literal(text: str) -> Address | None:
    """An address as such; the IPv4 address inside an IPv4-mapped one is what would be called."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, IPv4Address) else address
