"""The only door to onnxruntime: sessions that do not spin, do not hoard memory and count their own time."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray


@dataclass(slots=True)
class Session:
    """One model, ready to run. Threads take turns: two runs at once would share the cores and count twice."""

    _inner: Any = field(repr=False)
    input_names: tuple[str, ...]
    metadata: Mapping[str, str] = field(repr=False)
    busy_s: float = 0.0
    """Seconds spent inside the model so far; `scripts/bench` compares it with the whole."""
    runs: int = 0
    _turn: Lock = field(default_factory=Lock, repr=False)

    def run(self, *inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Run the model on its inputs in their own order; answers every output."""
        with self._turn:
            started = time.perf_counter()
            outputs: list[NDArray[np.float32]] = self._inner.run(None, dict(zip(self.input_names, inputs, strict=True)))
            self.busy_s += time.perf_counter() - started
            self.runs += 1
        return outputs


def open_session(path: Path, threads: int, *, dynamic_axes: Sequence[int] = ()) -> Session:
    """Open a model file for the CPU.

    `dynamic_axes` names the axes of the first input (and of every output) that the file fixes wrongly and that are to
    be free (CenterFace ships with a 10 x 3 x 32 x 32 input).
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Two spinning sessions fight for the cores: detector and recogniser take twice as long with it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the largest request for ever, and every new picture shape enlarges it (DESIGN D9).
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_mended(path, dynamic_axes), options, providers=["CPUExecutionProvider"])
    names = tuple(entry.name for entry in session.get_inputs())
    return Session(session, names, dict(session.get_modelmeta().custom_metadata_map))


def _mended(path: Path, dynamic_axes: Sequence[int]) -> bytes:
    """The model's bytes with constants out of the inputs (else they are not folded) and the named axes freed."""
    model = onnx.load(str(path))
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [entry for entry in model.graph.input if entry.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    if dynamic_axes:
        for entry in (model.graph.input[0], *model.graph.output):
            for axis in dynamic_axes:
                entry.type.tensor_type.shape.dim[axis].dim_param = f"{entry.name}_{axis}"
        # Inferred shapes inside the graph repeat the fixed sides.
        del model.graph.value_info[:]
    return bytes(model.SerializeToString())
