"""The corner network: separable convolutions down to 1/16 and back up to 1/8, some hundred thousand weights.

Input (N, H, W, 3) BGR, (x - 128) / 64. Output (N, H/8, W/8, 4): a logit that a corner lies in the cell, its place
(x, y, in cells from the cell's middle), a logit that the cell lies on a card.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

STRIDE, PATCH = 8, 4
WIDE = (32, 64, 96)


def network() -> keras.Model:
    """Untrained. 4 x 4 patches at once: full-size maps would cost half of the training and most of the running."""
    entry = keras.Input((None, None, 3))
    x = layers.Conv2D(WIDE[0], PATCH, PATCH, use_bias=False, name="patch_conv")(entry)
    quarter = _blocks(layers.ReLU()(_norm(x, "patch")), 1, 3, "quarter")
    eighth = _blocks(_separable(quarter, WIDE[1], "eighth_0", stride=2), 3, 3, "eighth")
    sixteenth = _blocks(_separable(eighth, WIDE[2], "sixteenth_0", stride=2), 4, 5, "sixteenth")
    x = _blocks(_up(sixteenth, eighth, WIDE[1], "up8"), 1, 3, "last")
    return keras.Model(entry, layers.Dense(4, name="head", bias_initializer=_rare)(x))


def _rare(_shape: Any, dtype: Any = None) -> Any:
    """Corners are rare: without this the first steps only learn that."""
    return keras.ops.convert_to_tensor([-4.0, 0.0, 0.0, -1.0], dtype=dtype or "float32")


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(momentum=0.98, epsilon=1e-3, name=f"{name}_norm")(x)


def _point(x: Any, wide: int, name: str) -> Any:
    """A convolution of one pixel; as a matrix product it trains faster."""
    return _norm(layers.Dense(wide, use_bias=False, name=f"{name}_point")(x), name)


def _depth(x: Any, side: int, stride: int, name: str) -> Any:
    return layers.DepthwiseConv2D(side, stride, padding="same", use_bias=False, name=f"{name}_depth")(x)


def _separable(x: Any, wide: int, name: str, stride: int = 1) -> Any:
    return layers.ReLU()(_point(_depth(x, 3, stride, name), wide, name))


def _blocks(x: Any, count: int, side: int, name: str) -> Any:
    for block in range(1, count + 1):
        inner = _point(_depth(x, side, 1, f"{name}_{block}"), x.shape[-1], f"{name}_{block}")
        x = layers.ReLU()(layers.Add()([x, inner]))
    return x


def _up(x: Any, aside: Any, wide: int, name: str) -> Any:
    x = layers.UpSampling2D(2, interpolation="nearest")(_point(x, wide, f"{name}_in"))
    aside = _point(aside, wide, f"{name}_aside")
    return _separable(layers.ReLU()(layers.Add()([x, aside])), wide, name)
