"""Hecha: self-hosted identity verification. The way of one verification is `service.pipeline`."""
