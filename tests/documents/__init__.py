"""Tests of `service.documents`."""
