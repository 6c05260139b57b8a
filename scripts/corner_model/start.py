"""Weights to go on training from: `start.py MODEL.onnx WEIGHTS.npz`, the other way round than `export.py`.

The norms were folded into the convolutions: they come back as factor 1, and `train.py` measures what they should be.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from export import EPSILON, Floats
from onnx import numpy_helper


def weights_of(model: onnx.ModelProto) -> dict[str, Floats]:
    """By the names `export.build` reads: layer/variable."""
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    found: dict[str, Floats] = {}
    for name, kernel in constants.items():
        layer, part = name[:-2], name[-2:]
        if part != "_w":
            continue
        if layer == "head":
            found["head/kernel"], found["head/bias"] = kernel[:, :, 0, 0].T, constants["head_b"]
        elif layer == "patch":
            found["patch_conv/kernel"] = kernel.transpose(2, 3, 1, 0)
            found |= _norm(layer, constants["patch_b"])
        elif layer.endswith("_depth"):
            found[f"{layer}/kernel"] = kernel[:, 0].transpose(1, 2, 0)[..., None]
        else:
            found[f"{layer}/kernel"] = kernel[:, :, 0, 0].T
            found |= _norm(layer.removesuffix("_point"), constants[f"{layer}_b"])
    return found


def _norm(layer: str, shift: Floats) -> dict[str, Floats]:
    ones = np.ones_like(shift)
    values = {"gamma": ones, "beta": shift, "moving_mean": 0 * ones, "moving_variance": ones * (1 - EPSILON)}
    return {f"{layer}_norm/{part}": value.astype(np.float32) for part, value in values.items()}


def main() -> int:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    np.savez(target, **weights_of(onnx.load(source)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
