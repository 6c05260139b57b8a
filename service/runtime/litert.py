"""The only door to LiteRT (TensorFlow Lite): one model, one input, every output."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray


@dataclass(slots=True)
class LiteSession:
    """One model, ready to run. Threads take turns: it holds one input and one set of outputs."""

    _inner: Any = field(repr=False)
    _input: int
    _outputs: tuple[int, ...]
    busy_s: float = 0.0
    """Seconds spent inside the model so far."""
    runs: int = 0
    _turn: Lock = field(default_factory=Lock, repr=False)

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run the model on its one input; answers copies of every output."""
        with self._turn:
            started = time.perf_counter()
            self._inner.set_tensor(self._input, tensor)
            self._inner.invoke()
            outputs = [np.asarray(self._inner.get_tensor(index), np.float32) for index in self._outputs]
            self.busy_s += time.perf_counter() - started
            self.runs += 1
        return outputs


def open_lite_session(path: Path, threads: int) -> LiteSession:
    """Open a .tflite file for the CPU."""
    inner = Interpreter(model_path=str(path), num_threads=threads)
    inner.allocate_tensors()
    outputs = tuple(int(detail["index"]) for detail in inner.get_output_details())
    return LiteSession(inner, int(inner.get_input_details()[0]["index"]), outputs)
