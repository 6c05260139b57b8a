"""The second text reader: the `paddleocr` package over the same weights, on ONNX Runtime (extra `hecha[paddleocr]`).

It proves that the weights are read as their makers mean them. It lives in an environment of its own
(`scripts/test --paddleocr`), because the package pins another cv2.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from service.documents.reading_direction import turn_alike
from service.documents.text import Quad, ReadLine
from service.documents.text_recognizer import cut_strip
from service.evidence import Pixels
from service.runtime.onnx import open_session
from service.runtime.weights import Weights

VOTERS = 3
"""How many lines are read both ways up: the package has no weight for the direction of ours."""


@dataclass(frozen=True, slots=True)
class PaddleOcrTextReader:
    """See `TextReader`."""

    detector: Any = field(repr=False)
    recognizer: Any = field(repr=False)

    def find(self, pixels: Pixels, max_side: int) -> list[Quad]:
        """See `TextReader.find`."""
        found = self.detector.predict(pixels, limit_side_len=max_side, limit_type="max")[0]
        return turn_alike([np.asarray(quad, np.float32).reshape(4, 2) for quad in found["dt_polys"]])

    def read(
        self, pixels: Pixels, quads: Sequence[Quad], width_needed: Callable[[Quad], float] | None = None
    ) -> tuple[ReadLine, ...]:
        """See `TextReader.read`."""
        if not quads:
            return ()
        strips = [cut_strip(pixels, quad) for quad in quads]
        chosen = list(quads)
        if self._upside_down(sorted(strips, key=lambda strip: -strip.shape[1])[:VOTERS]):
            chosen = [np.roll(quad, 2, axis=0) for quad in chosen]
            strips = [_turned(strip) for strip in strips]
        if width_needed is not None:
            kept = [place for place, quad in enumerate(chosen) if width_needed(quad)]
            chosen, strips = [chosen[place] for place in kept], [strips[place] for place in kept]
        read = self._texts(strips)
        return tuple(ReadLine(text, score, quad) for (text, score), quad in zip(read, chosen, strict=True) if text)

    def strip(self, pixels: Pixels, quad: Quad, alphabet: str) -> ReadLine:
        """See `TextReader.strip`. The package cannot rule characters out; what is not allowed is left out."""
        text, text_score = self._texts([cut_strip(pixels, quad)])[0]
        return ReadLine("".join(character for character in text if character in alphabet), text_score, quad)

    def _texts(self, strips: Sequence[Pixels]) -> list[tuple[str, float]]:
        found = self.recognizer.predict(list(strips), batch_size=1)
        return [(str(one["rec_text"]), float(one["rec_score"])) for one in found]

    def _upside_down(self, strips: Sequence[Pixels]) -> bool:
        upright, turned = self._texts(strips), self._texts([_turned(strip) for strip in strips])
        return sum(score for _, score in turned) > sum(score for _, score in upright)


def build(weights: Weights, threads: int, folder: Path) -> PaddleOcrTextReader:
    """Write the model folders the package expects into `folder` and open them.

    Raises WeightMissing or WeightMismatch, and ImportError outside the package's own environment.
    """
    import paddleocr

    detection = weights.verified("text_detection").path
    recognition = weights.verified("text_recognition").path
    characters = open_session(recognition, 1).metadata["character"].splitlines()
    options: dict[str, Any] = {"engine": "onnxruntime", "engine_config": {"intra_op_num_threads": threads}}
    return PaddleOcrTextReader(
        paddleocr.TextDetection(
            model_name="PP-OCRv6_small_det",
            model_dir=str(_model_folder(folder / "det", detection, _detection_settings())),
            **options,
        ),
        paddleocr.TextRecognition(
            model_name="PP-OCRv6_small_rec",
            model_dir=str(_model_folder(folder / "rec", recognition, _recognition_settings(characters))),
            **options,
        ),
    )


def _model_folder(folder: Path, weight: Path, settings: dict[str, Any]) -> Path:
    import yaml  # type: ignore[import-untyped]  # only in the package's environment

    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weight, folder / "inference.onnx")
    (folder / "inference.yml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return folder


def _detection_settings() -> dict[str, Any]:
    return {
        "Global": {"model_name": "PP-OCRv6_small_det"},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"DetResizeForTest": {"resize_long": 960}},
                {"NormalizeImage": {"mean": [0.5] * 3, "std": [0.5] * 3, "scale": "1./255.", "order": "hwc"}},
                {"ToCHWImage": None},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": 0.3,
            "box_thresh": 0.5,
            "max_candidates": 1000,
            "unclip_ratio": 1.6,
        },
    }


def _recognition_settings(characters: Sequence[str]) -> dict[str, Any]:
    return {
        "Global": {"model_name": "PP-OCRv6_small_rec"},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": list(characters)},
    }


def _turned(strip: Pixels) -> Pixels:
    return np.ascontiguousarray(strip[::-1, ::-1])
