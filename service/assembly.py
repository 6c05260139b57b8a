"""How an engine is put together inside its process. Importing this loads no model runtime: only `build` does."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from service.faces.calibration import Calibration
from service.policy import Policy, load_policy
from service.runtime.weights import Weights

if TYPE_CHECKING:
    from service.engine import Engine, TemplateMaker
    from service.faces.engine import FaceEngine
    from service.pipeline import Engines


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine process needs to build its engine; crosses to it by pickle."""

    models: Path
    policy: Path
    threads: int
    insightface_pack: Path | None = None
    accept_noncommercial_weights: bool = False
    calibration: Calibration | None = None
    """The operator's own, its signature checked; None = the manifest's or the pack's."""

    def build(self) -> Engine:
        """Load policy and models and run each once. Raises a SetupError that names what is missing or wrong."""
        from service.engine import Engine

        policy = load_policy(self.policy)
        engine = Engine(build_engines(self, policy, Weights.build(self.models)), policy)
        engine.warm()
        return engine

    def build_template_maker(self) -> TemplateMaker:
        """The face models alone: what calibrates a weight cannot ask for its thresholds. Raises as `build`."""
        from service.engine import TemplateMaker

        return TemplateMaker(_face_engine(self, Weights.build(self.models)))


def build_engines(spec: EngineSpec, policy: Policy, weights: Weights) -> Engines:
    """The three rooms over verified weights, and the thresholds of the policy's error rates."""
    from service.documents.reader import DocumentReader
    from service.liveness.passive import PassiveLiveness
    from service.pipeline import Engines, Thresholds

    faces, calibration = _faces(spec, weights)
    return Engines(
        documents=DocumentReader.build(weights, spec.threads),
        faces=faces,
        liveness=PassiveLiveness.build(weights, spec.threads, policy.max_apcer),
        thresholds=Thresholds.of(calibration, policy.max_fmr, policy.clear_nonmatch_fmr),
        versions={
            "hecha": version("hecha"),
            "policy": policy.version,
            "calibration": calibration.id,
            **{name: weight.sha256 for name, weight in weights.weights.items()},
            # A pack takes the place of the default template weight; what made the templates is quoted.
            "face_template": faces.model_sha256,
        },
    )


def _faces(spec: EngineSpec, weights: Weights) -> tuple[FaceEngine, Calibration]:
    from service.faces.calibration import belonging, of_pack, of_weight

    faces, folder = _face_engine(spec, weights), spec.insightface_pack
    if spec.calibration is not None:
        return faces, belonging(spec.calibration, faces.model_sha256)
    return faces, of_weight(weights.weights["face_template"]) if folder is None else of_pack(folder, faces.model_sha256)


def _face_engine(spec: EngineSpec, weights: Weights) -> FaceEngine:
    from service.faces import insightface_pack
    from service.faces.engine import FaceEngine

    if spec.insightface_pack is None:
        return FaceEngine.build(weights, spec.threads)
    accepted = spec.accept_noncommercial_weights
    return insightface_pack.build(spec.insightface_pack, acknowledged=accepted, weights=weights, threads=spec.threads)
