"""A client of the HTTP interface: `Client("http://127.0.0.1:8000", key).verify(front, back, selfie)`.

Needs `httpx` and `standardwebhooks`, and nothing else of the service but its error tree: a problem comes back as the
very error the service raised, by its code. What may pass is tried again with the same idempotency key, so that a call
has its effect once.
"""

from service.client.answers import Judged, OpenedCase, Reason, Verdict
from service.client.client import Client, Picture, Unreachable
from service.client.webhook import Event, verify_webhook

__all__ = ["Client", "Event", "Judged", "OpenedCase", "Picture", "Reason", "Unreachable", "Verdict", "verify_webhook"]
