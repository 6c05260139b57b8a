"""What every engine room stands on: bytes to pixels, weights, ONNX Runtime and engine processes."""
