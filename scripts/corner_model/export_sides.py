"""Write the trained side network as ONNX: `export_sides.py WEIGHTS.npz MODEL.onnx`, as `side_network.py` has it."""

from __future__ import annotations

import sys

import onnx
from export import Floats, Graph, finished, write
from onnx import TensorProto, helper

BLOCKS = 4


def build(weights: dict[str, Floats]) -> onnx.ModelProto:
    """The model: `strips` float32 (N, 48, 64, 4) to `rows` (N, 12, 64, 2)."""
    graph = Graph(weights)
    x = graph.add("Transpose", ["strips"], perm=[0, 3, 1, 2])
    for name in ("one", "two"):
        factor, shift = graph.norm(name)
        kernel = (weights[f"{name}_conv/kernel"] * factor).transpose(3, 2, 0, 1)
        x = graph.add("Relu", [graph.convolve(x, kernel, shift, name, strides=[2, 1], pads=[0, 2, 0, 2])])
    for block in range(1, BLOCKS + 1):
        name = f"block_{block}"
        turned = weights[f"{name}_depth/kernel"][..., 0].transpose(2, 0, 1)[:, None]
        inner = graph.convolve(x, turned, None, f"{name}_depth", group=len(turned), pads=[1, 3, 1, 3])
        x = graph.add("Relu", [graph.add("Add", [x, graph.point(inner, name)])])
    x = graph.convolve(x, weights["head/kernel"].T[:, :, None, None], weights["head/bias"], "head")
    graph.nodes.append(helper.make_node("Transpose", [x], ["rows"], "rows", perm=[0, 2, 3, 1]))
    entry = helper.make_tensor_value_info("strips", TensorProto.FLOAT, ("sides", 48, 64, 4))
    out = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ("sides", 12, 64, 2))
    return finished(graph, "side_model", entry, out)


if __name__ == "__main__":
    sys.exit(write(build))
