from __future__ import annotations

import subprocess
import sys

FOREIGN = ("onnxruntime", "onnx", "ai_edge_litert", "insightface", "cv2", "service.settings", "service.runtime.onnx")


def test_the_web_room_loads_no_model_and_knows_no_settings() -> None:
    seen = f"import sys, service.web; print([each for each in {FOREIGN!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
