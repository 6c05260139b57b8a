"""Hecha: self-hosted identity verification. The way of one verification is `service.pipeline`."""

import os

# Before numpy is loaded. Its products are small here: threads started for one wait for each other longer than they
# work, and take the cores from the models. Engines are processes of their own, and ONNX Runtime has its own threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
