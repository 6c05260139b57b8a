"""Train the corner network on rendered shards; the weights are kept often, so that it can be stopped at any time.

train.py SHARDS OUT [--steps N] [--minutes M] [--seed N] [--start WEIGHTS.npz]: OUT/latest.weights.npz (moving average)
and OUT/log.txt.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from network import STRIDE, network

BATCH, RATE, WARM = 32, 3e-3, 300
AGAIN = 0.6
"""Of the rate, for weights that were trained before."""
SIGMA = 1.0
"""Of a corner's peak, in cells."""
PEAK = 0.77
"""A cell this near is to say yes: there is one for each corner, wherever it lies between cells."""


def targets(quads: tf.Tensor, height: int, width: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Corner peaks (N, h, w), ways to the nearest corner (N, h, w, 2), where these count, share of card (N, h, w)."""
    centres = tf.stack(tf.meshgrid(tf.range(width), tf.range(height)), -1)
    centres = tf.cast(centres, tf.float32) * STRIDE + (STRIDE - 1) / 2
    corners = tf.reshape(quads, (-1, 1, 1, 8, 2))
    away = (corners - centres[None, :, :, None]) / STRIDE
    near = tf.reduce_sum(away**2, -1)
    # A corner outside the canvas leaves no peak: its nearest cell would lie.
    nearest = tf.argmin(near, -1)
    offset = tf.gather(away, nearest, axis=3, batch_dims=3)
    closest = tf.reduce_min(near, -1)
    starts = tf.reshape(quads, (-1, 1, 1, 2, 4, 2))
    ends = tf.roll(starts, -1, axis=4)
    along = ends - starts
    along /= tf.norm(along, axis=-1, keepdims=True) + 1e-6
    from_start = centres[None, :, :, None, None] - starts
    inside = along[..., 0] * from_start[..., 1] - along[..., 1] * from_start[..., 0]
    turning = tf.sign(
        tf.reduce_sum(
            along[..., 0] * tf.roll(along, -1, 4)[..., 1] - along[..., 1] * tf.roll(along, -1, 4)[..., 0],
            -1,
            keepdims=True,
        )
    )
    share = tf.reduce_min(tf.clip_by_value(inside * turning / STRIDE + 0.5, 0, 1), -1)
    there = tf.cast(starts[..., 0, 0] > -1e3, tf.float32)
    return (
        tf.exp(-closest / (2 * SIGMA**2)),
        offset,
        tf.cast(closest < 2.6, tf.float32),
        tf.reduce_max(share * there, -1),
    )


def loss(out: tf.Tensor, quads: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """Focal loss of the peaks (CenterNet, Zhou et al. 2019), offsets, entropy and overlap of cards."""
    peak, offset, counts, share = targets(quads, tf.shape(out)[1], tf.shape(out)[2])
    p = tf.clip_by_value(tf.sigmoid(out[..., 0]), 1e-5, 1 - 1e-5)
    top = tf.cast(peak > PEAK, tf.float32) * peak
    hit = -top * (1 - p) ** 2 * tf.math.log(p)
    miss = -tf.cast(peak <= PEAK, tf.float32) * (1 - peak) ** 4 * p**2 * tf.math.log(1 - p)
    found = tf.reduce_sum(top) + 8.0
    heat = tf.reduce_sum(hit + miss) / found
    place = tf.reduce_sum(counts * tf.reduce_sum(tf.abs(out[..., 1:3] - offset), -1)) / (tf.reduce_sum(counts) + 8.0)
    card = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(share, out[..., 3]))
    m = tf.sigmoid(out[..., 3])
    overlap = 1 - tf.reduce_mean((2 * tf.reduce_sum(m * share, (1, 2)) + 20) / (tf.reduce_sum(m + share, (1, 2)) + 20))
    return heat + place + 2 * card + overlap, heat, place, card


def batches(shards: list[Path], seed: int):
    """Endless batches of one canvas each, flipped and tinted; all shards are held in memory."""
    rng = np.random.default_rng(seed)
    held: dict[Path, tuple[np.ndarray, np.ndarray]] = {}
    for path in shards:
        with np.load(path) as file:
            held[path] = file["pixels"], file["quads"]
    while True:
        order = [(path, part) for path in held for part in range(len(held[path][0]) // BATCH)]
        shuffled = {path: rng.permutation(len(held[path][0])) for path in held}
        for at in rng.permutation(len(order)):
            path, part = order[at]
            chosen = np.sort(shuffled[path][part * BATCH : (part + 1) * BATCH])
            yield flipped(held[path][0][chosen], held[path][1][chosen], rng)


def flipped(pixels: np.ndarray, quads: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mirrored in halves of the cases, the colours swapped and scaled a little."""
    pixels, quads = pixels, quads.copy()
    there = quads[..., :1, :1] > -1e3
    for axis, side in ((2, pixels.shape[2]), (1, pixels.shape[1])):
        which = rng.random(len(pixels)) < 0.5
        pixels[which] = np.flip(pixels[which], axis)
        place = 0 if axis == 2 else 1
        quads[which, ..., place] = np.where(there[which][..., 0], side - 1 - quads[which, ..., place], -1e4)
    if rng.random() < 0.3:
        pixels = pixels[..., rng.permutation(3)]
    gains = rng.uniform(0.8, 1.2, (len(pixels), 1, 1, 3)).astype(np.float32)
    return np.clip(pixels * gains, 0, 255), quads


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--minutes", type=float, default=120.0, help="the rate falls to nothing by then, if sooner")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    asked = parser.parse_args()
    keras.utils.set_random_seed(asked.seed)
    asked.out.mkdir(parents=True, exist_ok=True)
    model = network()
    print(f"{model.count_params()} weights", flush=True)
    source = batches(sorted(asked.shards.glob("[0-9]*[0-9].npz")), asked.seed)
    rate = RATE
    if asked.start:
        rate *= AGAIN
        go_on(model, asked.start, next(source)[0])
    adam = keras.optimizers.AdamW(rate, weight_decay=1e-4, clipnorm=5.0)
    average = [tf.Variable(v, trainable=False) for v in model.weights]

    @tf.function(
        input_signature=[tf.TensorSpec((BATCH, None, None, 3)), tf.TensorSpec((BATCH, 2, 4, 2)), tf.TensorSpec(())]
    )
    def step(pixels: tf.Tensor, quads: tf.Tensor, keep: tf.Tensor) -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            losses = loss(model((pixels - 128.0) / 64.0, training=True), quads)
        grads = tape.gradient(losses[0], model.trainable_variables)
        adam.apply(grads, model.trainable_variables)
        for mean, now in zip(average, model.weights, strict=True):
            mean.assign(keep * mean + (1 - keep) * now)
        return losses

    started, sums, seen = time.monotonic(), np.zeros(4), 0
    with (asked.out / "log.txt").open("a") as log:
        for number in range(1, asked.steps + 1):
            gone = max(number / asked.steps, (time.monotonic() - started) / 60 / asked.minutes)
            if gone > 1:
                break
            adam.learning_rate.assign(rate * min(1.0, number / WARM) * (0.5 + 0.5 * np.cos(np.pi * gone)))
            pixels, quads = next(source)
            keep = min(0.998, number / (number + 20))
            sums += [float(v) for v in step(tf.constant(pixels), tf.constant(quads), tf.constant(keep, tf.float32))]
            seen += 1
            if number % 100 == 0:
                line = f"{number} {time.monotonic() - started:.0f}s " + " ".join(f"{v:.4f}" for v in sums / seen)
                print(line, flush=True)
                print(line, file=log, flush=True)
                sums, seen = np.zeros(4), 0
            if number % 250 == 0:
                keep_average(model, average, asked.out / "latest.weights.npz")
    keep_average(model, average, asked.out / "latest.weights.npz")
    return 0


def go_on(model: keras.Model, weights: Path, pixels: np.ndarray) -> None:
    """Start where `weights` ended. What a norm takes away and puts back is measured on `pixels` anew, without changing
    what the network says: weights out of ONNX have lost it, and training would begin with a jolt."""
    with np.load(weights) as file:
        for variable in model.weights:
            variable.assign(file[variable.path])
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = keras.Model(model.input, [layer.input for layer in norms])((pixels - 128.0) / 64.0)
    for layer, entry in zip(norms, before, strict=True):
        mean, variance = tf.nn.moments(entry, (0, 1, 2))
        gamma, beta, old_mean, old_variance = (
            tf.convert_to_tensor(v) for v in (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
        )
        factor = gamma / tf.sqrt(old_variance + layer.epsilon)
        layer.gamma.assign(factor * tf.sqrt(variance + layer.epsilon))
        layer.beta.assign(beta + factor * (mean - old_mean))
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)


def keep_average(model: keras.Model, average: list[tf.Variable], path: Path) -> None:
    """By the names the exporter asks for: layer/variable."""
    named = {v.path: mean.numpy() for v, mean in zip(model.weights, average, strict=True)}
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **named)
    partial.rename(path)


if __name__ == "__main__":
    raise SystemExit(main())
