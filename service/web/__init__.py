"""The HTTP interface: strict at the door, one shape of error, nothing personal in the log."""

from service.web.app import create_app
from service.web.logs import build as build_log
from service.web.ports import Limits, Readiness, Verifier

__all__ = ["Limits", "Readiness", "Verifier", "build_log", "create_app"]
