from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InternalError, SettingsInvalid
from service.store.keys import DataKey, KeyRing, Place, WrappedKey

MASTER_KEY = bytes(range(32))
PLACE = Place("default", "verifications", "ver_1", "outcome")


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    key = DataKey(bytes(32), 1)
    assert key.open(key.seal(plain, PLACE), PLACE) == plain


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("other", "verifications", "ver_1", "outcome"),
        Place("default", "cases", "ver_1", "outcome"),
        Place("default", "verifications", "ver_2", "outcome"),
        Place("default", "verifications", "ver_1", "external_id"),
        Place("default", "verifications", 'ver_1", "outcome', ""),
    ],
)
def test_a_ciphertext_opens_only_in_its_own_place(elsewhere: Place) -> None:
    key = DataKey(bytes(32), 1)
    with pytest.raises(InternalError):
        key.open(key.seal(b"secret", PLACE), elsewhere)


def test_a_ciphertext_is_bound_to_the_version_of_its_key() -> None:
    sealed = DataKey(bytes(32), 1).seal(b"secret", PLACE)
    with pytest.raises(InternalError):
        DataKey(bytes(32), 2).open(sealed, PLACE)


def test_no_changed_bit_goes_unnoticed() -> None:
    key = DataKey(bytes(32), 1)
    sealed = key.seal(b"secret", PLACE)
    for at, bit in itertools.product(range(len(sealed)), (1, 128)):
        changed = bytearray(sealed)
        changed[at] ^= bit
        with pytest.raises(InternalError):
            key.open(bytes(changed), PLACE)


@pytest.mark.parametrize("rubbish", [b"", b"short", bytes(12), bytes(27)])
def test_rubbish_does_not_open(rubbish: bytes) -> None:
    with pytest.raises(InternalError):
        DataKey(bytes(32), 1).open(rubbish, PLACE)


def test_the_same_plain_text_is_never_sealed_alike() -> None:
    key = DataKey(bytes(32), 1)
    assert key.seal(b"secret", PLACE) != key.seal(b"secret", PLACE)


def test_a_data_key_is_wrapped_for_its_row_and_master_key() -> None:
    ring = KeyRing(MASTER_KEY)
    key, wrapped = ring.new_data_key(tenant="default", row="ver_1")
    assert key.key not in wrapped.wrapped
    assert ring.unwrap(wrapped, tenant="default", row="ver_1") == key
    for stranger, row in ((ring, "ver_2"), (KeyRing(bytes(32)), "ver_1")):
        with pytest.raises(InternalError):
            stranger.unwrap(wrapped, tenant="default", row=row)
    with pytest.raises(InternalError):
        ring.unwrap(WrappedKey(wrapped.wrapped, 2), tenant="default", row="ver_1")


def test_every_case_has_another_key() -> None:
    ring = KeyRing(MASTER_KEY)
    assert len({ring.new_data_key(tenant="default", row="ver_1")[0].key for _ in range(20)}) == 20


def test_digests_are_keyed_and_kept_apart_by_purpose() -> None:
    ring = KeyRing(MASTER_KEY)
    assert ring.digest("picture", b"x") == ring.digest("picture", b"x")
    assert ring.digest("picture", b"x") != ring.digest("external_id", b"x")
    assert ring.digest("picture", b"x") != KeyRing(bytes(32)).digest("picture", b"x")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(SettingsInvalid):
        KeyRing(bytes(length))


def test_no_key_shows_in_a_repr() -> None:
    key, wrapped = KeyRing(MASTER_KEY).new_data_key(tenant="default", row="ver_1")
    assert repr(key.key) not in repr(key)
    assert repr(wrapped.wrapped) not in repr(wrapped)
