"""Write the trained network as ONNX: `export.py WEIGHTS.npz MODEL.onnx`. Norms are folded into the convolutions.

The graph is the one of `network.py`, node by node; `same.py` compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

PATCH, EPSILON, OPSET = 4, 1e-3, 17
Floats = NDArray[np.float32]


class Graph:
    """Nodes and weights as they come."""

    def __init__(self, weights: dict[str, Floats]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], **settings: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **settings))
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def convolve(self, x: str, kernel: Floats, bias: Floats | None, name: str, **settings: object) -> str:
        inputs = [x, self.constant(f"{name}_w", kernel.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(f"{name}_b", bias.astype(np.float32)))
        return self.add("Conv", inputs, **settings)

    def norm(self, name: str) -> tuple[Floats, Floats]:
        """Factor and shift of a batch norm."""
        gamma, beta, mean, variance = (
            self.weights[f"{name}_norm/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        factor = gamma / np.sqrt(variance + EPSILON)
        return factor, beta - mean * factor

    def patch(self, x: str) -> str:
        factor, shift = self.norm("patch")
        kernel = (self.weights["patch_conv/kernel"] * factor).transpose(3, 2, 0, 1)
        return self.add("Relu", [self.convolve(x, kernel, shift, "patch", strides=[PATCH, PATCH])])

    def depth(self, x: str, name: str, stride: int = 1) -> str:
        kernel = self.weights[f"{name}_depth/kernel"]
        half = kernel.shape[0] // 2
        # As TensorFlow pads "same": an even side with stride 2 at its end only.
        pads = [half] * 4 if stride == 1 else [0, 0, 1, 1]
        turned = kernel[..., 0].transpose(2, 0, 1)[:, None]
        return self.convolve(x, turned, None, f"{name}_depth", group=len(turned), strides=[stride, stride], pads=pads)

    def point(self, x: str, name: str) -> str:
        factor, shift = self.norm(name)
        kernel = (self.weights[f"{name}_point/kernel"] * factor).T[:, :, None, None]
        return self.convolve(x, kernel, shift, f"{name}_point")

    def separable(self, x: str, name: str, stride: int = 1) -> str:
        return self.add("Relu", [self.point(self.depth(x, name, stride), name)])

    def blocks(self, x: str, count: int, name: str) -> str:
        for block in range(1, count + 1):
            inner = self.point(self.depth(x, f"{name}_{block}"), f"{name}_{block}")
            x = self.add("Relu", [self.add("Add", [x, inner])])
        return x

    def up(self, x: str, aside: str, name: str) -> str:
        scales = self.constant(f"{name}_scales", np.array((1, 1, 2, 2), np.float32))
        grown = self.add(
            "Resize", [self.point(x, f"{name}_in"), "", scales],
            mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )  # fmt: skip
        both = self.add("Add", [grown, self.point(aside, f"{name}_aside")])
        return self.separable(self.add("Relu", [both]), name)


def build(weights: dict[str, Floats]) -> onnx.ModelProto:
    """The model: `picture` float32 (1, H, W, 3) to `cells` (1, H / 8, W / 8, 4)."""
    graph = Graph(weights)
    x = graph.add("Transpose", ["picture"], perm=[0, 3, 1, 2])
    quarter = graph.blocks(graph.patch(x), 1, "quarter")
    eighth = graph.blocks(graph.separable(quarter, "eighth_0", 2), 3, "eighth")
    sixteenth = graph.blocks(graph.separable(eighth, "sixteenth_0", 2), 4, "sixteenth")
    x = graph.blocks(graph.up(sixteenth, eighth, "up8"), 1, "last")
    head = weights["head/kernel"].T[:, :, None, None]
    x = graph.convolve(x, head, weights["head/bias"], "head")
    graph.nodes.append(helper.make_node("Transpose", [x], ["cells"], "cells", perm=[0, 2, 3, 1]))
    entry = helper.make_tensor_value_info("picture", TensorProto.FLOAT, (1, "height", "width", 3))
    out = helper.make_tensor_value_info("cells", TensorProto.FLOAT, (1, "height_8", "width_8", 4))
    return finished(graph, "corner_model", entry, out)


def finished(graph: Graph, name: str, entry: onnx.ValueInfoProto, out: onnx.ValueInfoProto) -> onnx.ModelProto:
    """The checked model of a graph with one input and one output."""
    inner = helper.make_graph(graph.nodes, name, [entry], [out], graph.constants)
    model = helper.make_model(inner, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="hecha")
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)
    return model


def write(build: Callable[[dict[str, Floats]], onnx.ModelProto]) -> int:
    """The command: weights of the first argument, as `build` has them, to the second."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    with np.load(source) as file:
        weights = {name: file[name] for name in file.files}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(build(weights).SerializeToString())
    print(f"{target.name}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(write(build))
