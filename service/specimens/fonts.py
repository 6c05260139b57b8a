"""The fonts a specimen is printed with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

SANS, SERIF = "NotoSansSC-Regular.otf", "NotoSerifSC-Regular.otf"


@dataclass(frozen=True, slots=True)
class Fonts:
    """A sans (the fields and labels) and a serif (the titles of the back), both with Chinese characters."""

    sans_path: Path
    serif_path: Path

    @classmethod
    def build(cls, assets: Path) -> Fonts:
        """From the folder `hecha models fetch` fills. FileNotFoundError names the missing file."""
        for name in (SANS, SERIF):
            if not (assets / name).is_file():
                raise FileNotFoundError(f"{name} is missing from {assets.name}: run `hecha models fetch`")
        return cls(assets / SANS, assets / SERIF)

    def sans(self, size: int) -> ImageFont.FreeTypeFont:
        """`size` in pixels of the em square."""
        return ImageFont.truetype(self.sans_path, size, layout_engine=ImageFont.Layout.BASIC)

    def serif(self, size: int) -> ImageFont.FreeTypeFont:
        """`size` in pixels of the em square."""
        return ImageFont.truetype(self.serif_path, size, layout_engine=ImageFont.Layout.BASIC)
