"""What schemathesis sends as a picture: the sample person's, cut ones, and bytes that only begin like a picture; and
what it must not take for a wrong request.

Loaded by schemathesis (SCHEMATHESIS_HOOKS), in its own environment. HECHA_FUZZ_PICTURES is a folder of JPEG files.
"""

from __future__ import annotations

import os
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

REAL = [path.read_bytes() for path in sorted(Path(os.environ["HECHA_FUZZ_PICTURES"]).glob("*.jpg"))]
HEADS = (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00")

noise = st.builds(bytes.__add__, st.sampled_from(HEADS), st.binary(max_size=200))
cut = st.builds(lambda whole, share: whole[: int(len(whole) * share)], st.sampled_from(REAL), st.floats(0.1, 0.9))
# A verdict needs three real ones, and half a second of the machine.
picture = st.one_of(st.sampled_from(REAL), st.sampled_from(REAL), cut, noise)

schemathesis.openapi.media_type("image/jpeg", picture)


@schemathesis.hook
def filter_query(_: object, query: dict[str, object] | None) -> bool:
    """A wrong value that is an empty list or object is not there any more when it is sent."""
    return not any(value in ([], {}) for value in (query or {}).values())
