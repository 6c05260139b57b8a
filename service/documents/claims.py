"""What the applicant typed against what the card says. Pure.

Numbers are compared as they are. Names are typed on all kinds of keyboards, so a difference is explained by one of:
`equal`; `equal_after_normalisation` (Unicode NFKC, spaces, the many middle dots); `variant_characters` (traditional for
simplified, one of two characters that look alike and that a reader may have mixed up, a middle dot more); `different`.
"""

from __future__ import annotations

import re
import unicodedata

from service.documents.validity import Measured
from service.documents.variants import MIDDLE_DOTS, look_alike_key
from service.evidence import Check, CheckOutcome, Claim, DocumentReading

_PASS, _FAIL, _UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
EQUAL, NORMALISED, VARIANT, DIFFERENT = "equal", "equal_after_normalisation", "variant_characters", "different"


def claim_checks(front: DocumentReading | None, claim: Claim) -> tuple[Check, ...]:
    """`claimed_name` and `claimed_number`, each only where it was claimed."""
    checks = []
    if claim.name is not None:
        checks.append(_name(front, claim.name))
    if claim.number is not None:
        checks.append(_number(front, claim.number))
    return tuple(checks)


def difference_of_names(claimed: str, read: str) -> str:
    """EQUAL, NORMALISED, VARIANT or DIFFERENT; the same whichever comes first."""
    if claimed == read:
        return EQUAL
    one, other = normalised_name(claimed), normalised_name(read)
    if one == other:
        return NORMALISED
    # A dot that was left out, by the hand or by the reader, is a variant too.
    keys = (look_alike_key(name).replace("·", "") for name in (one, other))
    return VARIANT if len(set(keys)) == 1 else DIFFERENT


def normalised_name(text: str) -> str:
    """NFKC, without spaces and invisible characters, every middle dot as ·, Latin letters in small."""
    # Before NFKC, which turns the half-width and the Greek dots into others.
    dotted = unicodedata.normalize("NFKC", text.translate(MIDDLE_DOTS)).translate(MIDDLE_DOTS)
    visible = "".join(one for one in dotted if unicodedata.category(one) not in ("Cf", "Cc", "Zs", "Mn"))
    return re.sub(r"\s", "", visible).strip("·").casefold()


def normalised_number(text: str) -> str:
    """NFKC, without spaces, x as X: what a keyboard makes of one number. Nothing else is forgiven."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _name(front: DocumentReading | None, claimed: str) -> Check:
    read = front.fields.get("name") if front else None
    if read is None:
        return Check("claimed_name", _UNKNOWN)
    difference = difference_of_names(claimed, read.value)
    reasons = {VARIANT: ("claimed_name_variant",), DIFFERENT: ("claimed_name_differs",)}.get(difference, ())
    measured: Measured = {"text_score": read.text_score, "difference": difference}
    return Check("claimed_name", _FAIL if reasons else _PASS, reasons, measured)


def _number(front: DocumentReading | None, claimed: str) -> Check:
    read = front.fields.get("number") if front else None
    if read is None:
        return Check("claimed_number", _UNKNOWN)
    equal = normalised_number(claimed) == read.value
    measured: Measured = {"text_score": read.text_score, "difference": EQUAL if equal else DIFFERENT}
    return Check("claimed_number", _PASS if equal else _FAIL, () if equal else ("claimed_number_differs",), measured)
