"""The files `hecha read` leaves behind on request: the card and its portrait cut out, the picture with notes.

They are named after the picture; nothing read from it is ever part of a name.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from service.commands.annotate import LONGEST, Annotator
from service.report import Json
from service.runtime.image import decode

CROPS = {"card_image": "card", "portrait_image": "portrait"}
"""Key of the answer -> end of the file's name."""


@dataclass(frozen=True, slots=True)
class ReadingFiles:
    """Writes what was asked for. `crops`, `notes`: folders that exist, or None."""

    crops: Path | None
    notes: Path | None
    annotator: Annotator | None
    stems: Counter[str] = field(default_factory=Counter)
    """How often a name was used: pictures of one name may come from several folders."""

    def keep(self, path: Path, data: bytes, answer: Json) -> Json:
        """The answer as it is shown: the paths of the files it gave instead of the pictures themselves."""
        shown = {name: value for name, value in answer.items() if name not in CROPS}
        stem = self._stem(path)
        files = {}
        if self.crops:
            for key, end in CROPS.items():
                if answer[key] is not None:
                    files[end] = _written(self.crops / f"{stem}_{end}.jpg", base64.b64decode(answer[key]))
        if self.notes and self.annotator:
            drawn = self.annotator.draw(decode(data, max_side=LONGEST), answer)
            done, encoded = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, 88])
            if done:
                files["annotated"] = _written(self.notes / f"{stem}_annotated.jpg", encoded.tobytes())
        return {**shown, "files": files} if files else shown

    def _stem(self, path: Path) -> str:
        self.stems[path.stem] += 1
        count = self.stems[path.stem]
        return path.stem if count == 1 else f"{path.stem}_{count}"


def _written(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)
