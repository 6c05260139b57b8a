"""The HTTP interface: strict at the door, one shape of error, nothing personal in the log."""

from service.web.app import create_app
from service.web.logs import build as build_log
from service.web.ports import Limits, Reader, Readiness, Verifier, Wish

__all__ = ["Limits", "Reader", "Readiness", "Verifier", "Wish", "build_log", "create_app"]
