"""Webhooks: what happened, told to the tenant's own server, signed (Standard Webhooks) and without personal data."""

from service.webhooks.address import Reach, TargetRefused
from service.webhooks.courier import Courier, Outbox, Outcome, Parcel, Round, State
from service.webhooks.post import Answer, Limits, Poster, Unreachable, resolve

__all__ = [
    "Answer",
    "Courier",
    "Limits",
    "Outbox",
    "Outcome",
    "Parcel",
    "Poster",
    "Reach",
    "Round",
    "State",
    "TargetRefused",
    "Unreachable",
    "resolve",
]
