"""Envelope encryption: a data key per case, wrapped by keys derived from one master key.

AES-256-GCM throughout. Every ciphertext is bound to its place: the additional authenticated data is
tenant, table, row, field and key version, so a ciphertext copied into another row or field does not open.
Destroying a case's data key makes everything encrypted under it unreadable.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.errors import InternalError, SettingsInvalid

KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2: 96-bit random nonces; a data key encrypts a handful of values, never 2**32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext lives."""

    tenant: str
    table: str
    row: str
    field: str


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored: encrypted under version `version` of the wrapping key."""

    wrapped: bytes = field(repr=False)
    version: int


@dataclass(frozen=True, slots=True)
class DataKey:
    """An opened data key."""

    key: bytes = field(repr=False)
    version: int

    def seal(self, plain: bytes, place: Place, *, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
        """Encrypt for this place; the nonce comes first in the answer."""
        return _seal(self.key, plain, place, self.version, random)

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Decrypt what `seal` made for exactly this place. Raises InternalError when it does not open."""
        return _open(self.key, sealed, place, self.version)


class KeyRing:
    """Derives every key the service needs from one 32-byte master key."""

    def __init__(
        self, master_key: bytes, *, version: int = 1, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        if len(master_key) != KEY_BYTES:
            raise SettingsInvalid(f"the master key must have {KEY_BYTES} bytes, it has {len(master_key)}")
        self._master_key = master_key
        self._version = version
        self._random = random

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose; different purposes give independent keys (RFC 5869)."""
        info = f"hecha/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._master_key)

    def digest(self, purpose: str, value: bytes) -> bytes:
        """A keyed hash (HMAC-SHA256): equal values can be found again, but not guessed without the master key."""
        return hmac.new(self.derive(f"digest/{purpose}"), value, hashlib.sha256).digest()

    def new_data_key(self, *, tenant: str, row: str) -> tuple[DataKey, WrappedKey]:
        """A fresh data key, and the form of it to store in row `row` of `data_keys`."""
        key = self._random(KEY_BYTES)
        wrapped = _seal(self._wrapping_key(self._version), key, _key_place(tenant, row), self._version, self._random)
        return DataKey(key, self._version), WrappedKey(wrapped, self._version)

    def unwrap(self, stored: WrappedKey, *, tenant: str, row: str) -> DataKey:
        """Open a stored data key. Raises InternalError when it does not open."""
        key = _open(self._wrapping_key(stored.version), stored.wrapped, _key_place(tenant, row), stored.version)
        return DataKey(key, stored.version)

    def _wrapping_key(self, version: int) -> bytes:
        return self.derive(f"wrap/{version}")


def _key_place(tenant: str, row: str) -> Place:
    return Place(tenant, "data_keys", row, "wrapped")


def _seal(key: bytes, plain: bytes, place: Place, version: int, random: Callable[[int], bytes]) -> bytes:
    nonce = random(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(place, version))


def _open(key: bytes, sealed: bytes, place: Place, version: int) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(place, version))
    except (InvalidTag, ValueError):
        # Altered, moved to another row, or the master key was exchanged. Nothing of the value may be told.
        raise InternalError("a stored value does not open with its key") from None


def _bound_to(place: Place, version: int) -> bytes:
    # A JSON array, not a joined string: no choice of names can make two places look the same.
    return json.dumps([place.tenant, place.table, place.row, place.field, version]).encode()
