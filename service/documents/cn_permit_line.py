"""The line of 30 places on China's permits to Hong Kong and Macau (往来港澳通行证): its own form, not Doc 9303's. Pure.

Two letters, nine places of the number, the end of validity, the day of birth, each with its check digit and a filler
after it, and one check digit over all three with theirs. Known from readers that are in use, not from a standard.
"""

from __future__ import annotations

import re

from service.documents.mrz import check_digit

LENGTH = 30
_FORM = re.compile(r"C[A-Z]([A-Z0-9<]{9}\d)<(\d{7})<(\d{7})<(\d)")
_LIKE = re.compile(r"^[C<][A-Z0-9<]{1,2}[A-Z0-9<]{20,}$")


def looks_like_line(text: str) -> bool:
    """Whether a line that was read with every character allowed may be this one."""
    plain = re.sub(r"\s", "", text.upper().translate(str.maketrans("《«〈‹く", "<<<<<")))
    return abs(len(plain) - LENGTH) <= 4 and bool(_LIKE.match(plain)) and sum(map(str.isdigit, plain)) >= 14


def number_of_line(text: str) -> str | None:
    """The number of the permit; None unless the form and all four check digits hold."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    parts = match.groups()[:3]
    if any(str(check_digit(part[:-1])) != part[-1] for part in parts) or str(check_digit("".join(parts))) != match[4]:
        return None
    return match[1][:-1].rstrip("<")
