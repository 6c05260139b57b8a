"""A pack is an engine like ours, and nothing of it is touched without the acknowledgement.

InsightFace's own weights cannot be had everywhere, so the pack here is made in the test: our recogniser (its loader
takes it for ArcFace) and a detector of constants that has SCRFD's nine outputs and always sees the same face.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from service.assembly import EngineSpec
from service.errors import CalibrationMissing, WeightMissing, WeightNotAcknowledged
from service.evidence import Picture
from service.faces import insightface_pack
from service.faces.calibration import of_pack
from service.faces.compare import similarity
from service.faces.engine import FaceEngine
from service.runtime.weights import Weights, file_sha256
from service.specimens.photograph import encode_jpeg
from tests.faces.conftest import shown

SIDE = 320
STRIDES = (8, 16, 32)


def write_detector(path: Path, landmarks: np.ndarray) -> None:
    """An ONNX file with SCRFD's outputs for 320 x 320: one face, at these five points of the input."""
    outputs: dict[str, list[np.ndarray]] = {"score": [], "box": [], "points": []}
    for stride in STRIDES:
        cells = (SIDE // stride) ** 2 * 2
        outputs["score"].append(np.zeros((cells, 1), np.float32))
        outputs["box"].append(np.zeros((cells, 4), np.float32))
        outputs["points"].append(np.zeros((cells, 10), np.float32))
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    outputs["score"][0][0] = 0.9  # the cell at (0, 0): distances from it are the coordinates themselves
    outputs["box"][0][0] = np.concatenate([-low, high]) / STRIDES[0]
    outputs["points"][0][0] = landmarks.ravel() / STRIDES[0]
    arrays = [array for name in ("score", "box", "points") for array in outputs[name]]
    nodes, infos = [], []
    for number, array in enumerate(arrays):
        name = f"out{number}"
        nodes.append(helper.make_node("Constant", [], [f"c{number}"], value=numpy_helper.from_array(array)))
        nodes.append(helper.make_node("ReduceMean", ["input"], [f"m{number}"], keepdims=0))
        nodes.append(helper.make_node("Mul", [f"m{number}", "zero"], [f"z{number}"]))
        nodes.append(helper.make_node("Add", [f"c{number}", f"z{number}"], [name]))
        infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape))
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    zero = numpy_helper.from_array(np.zeros((), np.float32), "zero")
    graph = helper.make_graph(nodes, "detector", [image], infos, [zero])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))


@pytest.fixture(scope="module")
def portrait(engine: FaceEngine, obama: Picture) -> Picture:
    """320 x 320 around the face, so that the detector of constants can name its points."""
    found = engine.find(obama.pixels)[0]
    x, y = (int(value) for value in found.landmarks[2])
    return shown(np.ascontiguousarray(obama.pixels[y - 160 : y + 160, x - 160 : x + 160]))


@pytest.fixture(scope="module")
def pack(engine: FaceEngine, weights: Weights, portrait: Picture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    write_detector(folder / "det.onnx", engine.find(portrait.pixels)[0].landmarks)
    shutil.copy(weights.weights["face_template"].path, folder / "rec.onnx")
    return folder


def test_nothing_is_loaded_without_the_acknowledgement(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "det.onnx").write_bytes(b"not a model: reading it would fail otherwise")
    with pytest.raises(WeightNotAcknowledged):
        insightface_pack.build(tmp_path, acknowledged=False, weights=weights, threads=1)


def test_an_empty_or_missing_folder_is_named_and_nothing_is_fetched(weights: Weights, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "buffalo_l"):
        with pytest.raises(WeightMissing, match=r"no \.onnx file"):
            insightface_pack.build(folder, acknowledged=True, weights=weights, threads=1)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_without_a_part_is_refused(weights: Weights, pack: Path, tmp_path: Path) -> None:
    for part, missing in (("det.onnx", "recognition"), ("rec.onnx", "detection")):
        folder = tmp_path / part
        folder.mkdir()
        shutil.copy(pack / part, folder / part)
        with pytest.raises(WeightMissing, match=f"no {missing} model"):
            insightface_pack.build(folder, acknowledged=True, weights=weights, threads=1)


@pytest.mark.parametrize("kind", ["default", "pack"])
def test_both_engines_keep_the_same_contract(
    kind: str, engine: FaceEngine, pack: Path, weights: Weights, portrait: Picture
) -> None:
    tried = engine
    if kind == "pack":
        tried = insightface_pack.build(pack, acknowledged=True, weights=weights, threads=1)
    capture = tried.selfie(portrait)
    assert capture.face is not None
    assert capture.faces_seen == 1
    assert tried.portrait(portrait.pixels).face is not None
    template = tried.template(portrait.pixels, capture.face)
    assert template.model_sha256 == tried.model_sha256
    assert np.linalg.norm(template.vector) == pytest.approx(1.0, abs=1e-5)
    mirrored = np.ascontiguousarray(portrait.pixels[:, ::-1])
    assert similarity(template, tried.template(portrait.pixels, capture.face)) == pytest.approx(1.0, abs=1e-5)
    assert similarity(template, tried.template(mirrored, engine.find(mirrored)[0])) > 0.8


def test_a_pack_without_thresholds_makes_the_templates_that_calibrate_it(
    pack: Path, weights: Weights, portrait: Picture
) -> None:
    models = weights.weights["face_template"].path.parents[1]
    spec = EngineSpec(models, Path("no policy is read"), 1, pack, accept_noncommercial_weights=True)
    maker = spec.build_template_maker()
    vector, status = maker.template(encode_jpeg(portrait.pixels))
    assert status == "ok"
    assert vector is not None
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert maker.versions() == {"face_template": file_sha256(pack / "rec.onnx")}


def test_a_pack_has_no_threshold_until_the_operator_calibrates(pack: Path, weights: Weights) -> None:
    tried = insightface_pack.build(pack, acknowledged=True, weights=weights, threads=1)
    with pytest.raises(CalibrationMissing):
        of_pack(pack, tried.model_sha256)
