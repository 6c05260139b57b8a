"""How alike two templates are."""

from __future__ import annotations

import numpy as np

from service.evidence import Template


def similarity(reference: Template, probe: Template) -> float:
    """Cosine in [-1, 1], higher is more alike. Templates of two weights cannot be compared (ValueError)."""
    if reference.model_sha256 != probe.model_sha256:
        raise ValueError("templates of two different weights")
    return float(np.clip(np.dot(reference.vector, probe.vector), -1.0, 1.0))
