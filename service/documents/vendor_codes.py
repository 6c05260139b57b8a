"""Our alert codes beside those of Tencent Cloud and Baidu AI Cloud, for callers who move over from them.

Tencent: IDCardOCR, `AdvancedInfo.WarnInfos` and the scores beside it (cloud.tencent.com/document/api/866/33524).
Baidu: OCR idcard, `image_status`, `risk_type`, `edit_tool`, `card_quality` (ai.baidu.com/ai-doc/OCR/rk3h7xzck).
A mapping of meanings: neither their models nor their thresholds are ours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VendorCodes:
    """The other systems' words for one of our codes; empty where they have none."""

    tencent: tuple[str, ...] = ()
    baidu: tuple[str, ...] = ()


VENDOR_CODES: dict[str, VendorCodes] = {
    "photocopy": VendorCodes(("-9108", "-9102"), ("risk_type=copy",)),
    "paper_copy": VendorCodes(("-9108", "-9102"), ("risk_type=copy",)),
    "screen_recapture": VendorCodes(("-9103",), ("risk_type=screen",)),
    "border_incomplete": VendorCodes(("-9101",), ("card_quality.IsComplete=0",)),
    "occluded": VendorCodes(("-9105",), ("card_quality.IsNoCover=0",)),
    "reflection": VendorCodes(("-9107",), ("image_status=over_exposure",)),
    "blurred": VendorCodes(("Quality<50",), ("image_status=blurred", "card_quality.IsClear=0")),
    "too_dark": VendorCodes((), ("image_status=over_dark",)),
    "too_bright": VendorCodes((), ("image_status=over_exposure",)),
    "low_resolution": VendorCodes(("FailedOperation.IdCardTooSmall",), ()),
    "edited": VendorCodes(("-9106",), ("edit_tool",)),
    "temporary_id": VendorCodes(("-9104",), ("risk_type=temporary",)),
    "electronic_id": VendorCodes(("-9110",), ("risk_type=screenshot",)),
    "not_a_document": VendorCodes(("FailedOperation.ImageNoIdCard",), ("image_status=non_idcard",)),
    "wrong_side": VendorCodes(("FailedOperation.CardSideError",), ("image_status=reversed_side",)),
    "several_documents": VendorCodes(("FailedOperation.MultiCardError",), ()),
    "validity_span_impossible": VendorCodes(("-9100",), ()),
    "validity_reversed": VendorCodes(("-9100",), ()),
    "validity_span_unusual": VendorCodes(("-9100",), ()),
    "check_character_wrong": VendorCodes((), ("idcard_number_type=0",)),
    "birth_date_mismatch": VendorCodes((), ("idcard_number_type=2", "idcard_number_type=3")),
    "sex_mismatch": VendorCodes((), ("idcard_number_type=2", "idcard_number_type=4")),
}
"""By our code. Every alert of a picture is here, and the checks they have a word for."""
