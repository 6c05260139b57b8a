"""The side network: in a strip along a rough side, the cell of each row that the card's true edge crosses.

side_network.py STRIPS OUT [--steps N] [--minutes M] [--seed N]: OUT/sides.weights.npz (moving average) and
OUT/sides_log.txt.

Input (N, 48, 64, 4) as `service/documents/side_model.py` lays strips. Output (N, 12, 64, 2): a logit for each cell of
a row, and one, to be averaged over the row, that the edge is not in it.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from train import keep_average

WIDE, BLOCKS = (12, 24), 4
BATCH, RATE, WARM = 128, 4e-3, 200
SIGMA = 0.7
"""Of the target, in cells."""


def network() -> keras.Model:
    """Untrained."""
    entry = keras.Input((48, 64, 4))
    x = layers.ReLU()(
        _norm(layers.Conv2D(WIDE[0], (2, 5), (2, 1), "same", use_bias=False, name="one_conv")(entry), "one")
    )
    x = layers.ReLU()(_norm(layers.Conv2D(WIDE[1], (2, 5), (2, 1), "same", use_bias=False, name="two_conv")(x), "two"))
    for block in range(1, BLOCKS + 1):
        name = f"block_{block}"
        inner = layers.DepthwiseConv2D((3, 7), 1, "same", use_bias=False, name=f"{name}_depth")(x)
        inner = _norm(layers.Dense(WIDE[1], use_bias=False, name=f"{name}_point")(inner), name)
        x = layers.ReLU()(layers.Add()([x, inner]))
    return keras.Model(entry, layers.Dense(2, name="head")(x))


def _norm(x, name: str):
    return layers.BatchNormalization(momentum=0.98, epsilon=1e-3, name=f"{name}_norm")(x)


def loss(out: tf.Tensor, edges: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy of each row, and the share of rows whose likeliest cell is within one of the edge."""
    logits = tf.concat((out[..., 0], tf.reduce_mean(out[..., 1], 2, keepdims=True)), 2)
    there = edges >= 0
    cells = tf.range(64, dtype=tf.float32)
    wanted = tf.exp(-((cells - edges[..., None]) ** 2) / (2 * SIGMA**2))
    wanted /= tf.reduce_sum(wanted, 2, keepdims=True) + 1e-6
    wanted = tf.where(there[..., None], tf.pad(wanted, ((0, 0), (0, 0), (0, 1))), tf.one_hot(64, 65))
    best = tf.cast(tf.argmax(logits, 2), tf.float32)
    hit = tf.where(there, tf.abs(best - edges) <= 1, best == 64)
    return (
        tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits)),
        tf.reduce_mean(tf.cast(hit, tf.float32)),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strips", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--minutes", type=float, default=60.0, help="the rate falls to nothing by then, if sooner")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    keras.utils.set_random_seed(asked.seed)
    asked.out.mkdir(parents=True, exist_ok=True)
    strips, edges = held(asked.strips)
    model = network()
    print(f"{model.count_params()} weights, {len(strips)} strips", flush=True)
    average = [tf.Variable(v, trainable=False) for v in model.weights]
    adam, step = stepper(model, average)
    rng = np.random.default_rng(asked.seed)
    started, sums = time.monotonic(), np.zeros(2)
    for number in range(1, asked.steps + 1):
        gone = max(number / asked.steps, (time.monotonic() - started) / 60 / asked.minutes)
        if gone > 1:
            break
        adam.learning_rate.assign(RATE * min(1.0, number / WARM) * (0.5 + 0.5 * np.cos(np.pi * gone)))
        chosen = np.sort(rng.choice(len(strips), BATCH, replace=False))
        x, y = flipped(strips[chosen].astype(np.float32), edges[chosen], rng)
        keep = tf.constant(min(0.998, number / (number + 20)), tf.float32)
        sums += [float(v) for v in step(tf.constant(x), tf.constant(y), keep)]
        if number % 100 == 0:
            line = f"{number} {time.monotonic() - started:.0f}s " + " ".join(f"{v:.4f}" for v in sums / 100)
            print(line, flush=True)
            with (asked.out / "sides_log.txt").open("a") as log:
                print(line, file=log)
            sums = np.zeros(2)
        if number % 500 == 0:
            keep_average(model, average, asked.out / "sides.weights.npz")
    keep_average(model, average, asked.out / "sides.weights.npz")
    return 0


def held(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """All strips (N, 48, 64, 4) and the cells their edges cross (N, 12), -1 where none."""
    shown, edges = [], []
    for path in sorted(folder.glob("[0-9]*[0-9].npz")):
        with np.load(path) as file:
            shown.append(file["strips"])
            edges.append(file["edges"])
    return np.concatenate(shown), np.concatenate(edges)


def stepper(
    model: keras.Model, average: list[tf.Variable]
) -> tuple[keras.optimizers.AdamW, Callable[..., tuple[tf.Tensor, tf.Tensor]]]:
    """The optimiser, and one step of it: strips, edges and how much of the moving average stays, to `loss`."""
    adam = keras.optimizers.AdamW(RATE, weight_decay=1e-4, clipnorm=5.0)

    @tf.function(input_signature=[tf.TensorSpec((BATCH, 48, 64, 4)), tf.TensorSpec((BATCH, 12)), tf.TensorSpec(())])
    def step(x: tf.Tensor, y: tf.Tensor, keep: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            losses = loss(model(x, training=True), y)
        grads = tape.gradient(losses[0], model.trainable_variables)
        adam.apply(grads, model.trainable_variables)
        for mean, now in zip(average, model.weights, strict=True):
            mean.assign(keep * mean + (1 - keep) * now)
        return losses

    return adam, step


def flipped(x: np.ndarray, edges: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mirrored along the side in half of the cases, colours swapped and contrast scaled at times."""
    which = rng.random(len(x)) < 0.5
    x[which], edges = x[which, ::-1], edges.copy()
    edges[which] = edges[which, ::-1]
    if rng.random() < 0.3:
        x = x[..., [*rng.permutation(3), 3]]
    x[..., :3] *= rng.uniform(0.7, 1.3, (len(x), 1, 1, 1)).astype(np.float32)
    return x, edges


if __name__ == "__main__":
    raise SystemExit(main())
