"""The HTTP interface: strict at the door, one shape of error, nothing personal in the log."""

from service.web.app import create_app
from service.web.gallery_desk import GalleryRules
from service.web.logs import build as build_log
from service.web.ports import Limits, Reader, Readiness, Verifier, Wish
from service.web.session_desk import SessionRules

__all__ = [
    "GalleryRules",
    "Limits",
    "Reader",
    "Readiness",
    "SessionRules",
    "Verifier",
    "Wish",
    "build_log",
    "create_app",
]
