"""The table for callers who move over from Tencent or Baidu: complete, and the same in the README."""

from __future__ import annotations

import re
from pathlib import Path

from service.documents.vendor_codes import VENDOR_CODES
from service.reasons import REASONS

OF_A_PICTURE = {
    "photocopy", "screen_recapture", "border_incomplete", "occluded", "reflection", "blurred", "too_dark", "too_bright",
    "low_resolution", "edited", "temporary_id", "electronic_id", "not_a_document", "wrong_side", "several_documents",
}  # fmt: skip


def test_every_alert_of_issue_3_is_a_reason_and_has_a_row() -> None:
    assert set(REASONS) >= OF_A_PICTURE
    assert set(VENDOR_CODES) >= OF_A_PICTURE
    assert set(VENDOR_CODES) <= set(REASONS)


def test_every_row_names_a_code_of_somebody_and_each_warning_of_tencent_has_one() -> None:
    assert all(codes.tencent or codes.baidu for codes in VENDOR_CODES.values())
    ours = {code for codes in VENDOR_CODES.values() for code in codes.tencent if code.startswith("-91")}
    assert ours == {f"-91{number:02}" for number in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10)}


def test_the_readme_has_the_same_table(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- vendor-codes -->(.*)<!-- /vendor-codes -->", text, re.DOTALL)
    assert shown
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", shown[1], re.MULTILINE)
    read = {row[0]: tuple(tuple(re.findall(r"`([^`]+)`", cell)) for cell in row[1:]) for row in rows}
    assert read == {code: (codes.tencent, codes.baidu) for code, codes in VENDOR_CODES.items()}
