"""What the applicant typed against what the card says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.documents.claims import claim_checks, difference_of_names
from service.evidence import Check, CheckOutcome, Claim, DocumentField, DocumentReading, Side
from service.reasons import REASONS, Effect

PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("claimed", "read", "difference"),
    [
        ("苏明远", "苏明远", "equal"),
        (" 苏 明远", "苏明远", "equal_after_normalisation"),
        ("苏\u3000明远", "苏明远", "equal_after_normalisation"),
        ("苏\u200b明远", "苏明远", "equal_after_normalisation"),
        ("阿依古丽.买买提", "阿依古丽·买买提", "equal_after_normalisation"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提", "equal_after_normalisation"),
        ("阿依古丽・买买提", "阿依古丽·买买提", "equal_after_normalisation"),
        ("阿依古丽･买买提", "阿依古丽·买买提", "equal_after_normalisation"),
        ("阿依古丽．买买提", "阿依古丽·买买提", "equal_after_normalisation"),
        ("ＡＢＣ", "abc", "equal_after_normalisation"),
        ("苏\uf900", "苏\u8c48", "equal_after_normalisation"),  # a compatibility ideograph
        ("黄静", "黃靜", "variant_characters"),
        ("洗星", "冼星", "variant_characters"),
        ("王日", "王曰", "variant_characters"),
        ("苏明", "苏明远", "different"),
        ("苏明元", "苏明远", "different"),
        ("阿依古丽买买提", "阿依古丽·买买提", "variant_characters"),
        ("买买提·阿依古丽", "阿依古丽·买买提", "different"),
        ("", "苏明远", "different"),
    ],
)
def test_differences_of_names(claimed: str, read: str, difference: str) -> None:
    assert difference_of_names(claimed, read) == difference
    assert difference_of_names(read, claimed) == difference


@given(st.text(max_size=25))
def test_a_name_equals_itself_whatever_it_holds(name: str) -> None:
    assert difference_of_names(name, name) == "equal"
    assert difference_of_names(f" {name} ", name) in ("equal_after_normalisation", "equal")


def checks(claim: Claim, **values: str) -> dict[str, Check]:
    fields = {name: DocumentField(value, 0.97, None) for name, value in values.items()}
    found = claim_checks(DocumentReading("cn_resident_id", Side.FRONT, fields), claim)
    return {check.name: check for check in found}


@pytest.mark.parametrize(
    ("claimed", "outcome", "reasons"),
    [
        ("苏明远", PASS, ()),
        ("苏 明远", PASS, ()),
        ("苏明远远", FAIL, ("claimed_name_differs",)),
        ("蘇明遠", FAIL, ("claimed_name_variant",)),
    ],
)
def test_a_name_is_compared(claimed: str, outcome: CheckOutcome, reasons: tuple[str, ...]) -> None:
    found = checks(Claim(name=claimed), name="苏明远")
    assert list(found) == ["claimed_name"]
    assert (found["claimed_name"].outcome, found["claimed_name"].reasons) == (outcome, reasons)
    assert all(REASONS[code].effect is Effect.REVIEW for code in reasons)


@pytest.mark.parametrize(
    ("claimed", "outcome"),
    [
        ("11010519491231002X", PASS),
        ("11010519491231002x", PASS),
        ("110105 19491231 002X", PASS),
        ("１１０１０５１９４９１２３１００２Ｘ", PASS),
        ("110105194912310021", FAIL),
        ("11010519491231002", FAIL),
        ("1101O519491231002X", FAIL),
    ],
)
def test_a_number_is_compared_place_by_place(claimed: str, outcome: CheckOutcome) -> None:
    found = checks(Claim(number=claimed), number="11010519491231002X")
    assert list(found) == ["claimed_number"]
    assert found["claimed_number"].outcome is outcome
    assert found["claimed_number"].reasons == (() if outcome is PASS else ("claimed_number_differs",))


def test_what_was_not_read_is_unknown_and_what_was_not_claimed_is_not_asked() -> None:
    assert {check.outcome for check in checks(Claim("苏", "1")).values()} == {UNKNOWN}
    assert {check.outcome for check in claim_checks(None, Claim("苏", "1"))} == {UNKNOWN}
    assert checks(Claim(), name="苏明远") == {}


def test_a_claim_keeps_itself_to_itself() -> None:
    assert "苏明远" not in repr(Claim("苏明远", "11010519491231002X"))
    found = checks(Claim("王某人", "1"), name="苏明远", number="11010519491231002X")
    for value in (value for check in found.values() for value in check.measured.values()):
        assert value in ("equal", "different", 0.97)
