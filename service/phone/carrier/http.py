"""A gateway of the operator's own to a carrier's registry: signed JSON there, one word back.

-> {"phone": "+86...", "name": "...", "id_number": "..." or null, "elements": 2 or 3, "id": "..."}
<- {"result": "match|mismatch|unknown"}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from service.evidence import CarrierMatch
from service.phone.carrier import CarrierQuestion, CarrierRegistry
from service.phone.http_post import Reply
from service.phone.signed_json import Gateway


@dataclass(frozen=True, slots=True)
class _Http:
    gateway: Gateway

    def check(self, question: CarrierQuestion) -> CarrierMatch:
        asked = {
            "phone": question.number_e164,
            "name": question.name,
            "id_number": question.id_number,
            "elements": 2 if question.id_number is None else 3,
            "id": question.id,
        }
        reply = self.gateway.ask(question.id, asked)
        said = reply.document().get("result") if isinstance(reply, Reply) and reply.status == 200 else None
        return next((word for word in get_args(CarrierMatch) if word == said), "unknown")


def build(gateway: Gateway) -> CarrierRegistry:
    """A registry over the operator's gateway."""
    return _Http(gateway)
