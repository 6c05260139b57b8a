"""The plug for carriers' registries: does this number belong to this person?

Two elements (name, phone) or three (name, ID number, phone). The answer is evidence, never an error: whoever cannot be
asked does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from service.evidence import CarrierMatch, Claim


@dataclass(frozen=True, slots=True)
class CarrierQuestion:
    """`id` names the question and tells nothing about the person. `id_number` None = two elements."""

    id: str
    number_e164: str = field(repr=False)
    name: str = field(repr=False)
    id_number: str | None = field(default=None, repr=False)


class CarrierRegistry(Protocol):
    """Knows who holds which number."""

    def check(self, question: CarrierQuestion) -> CarrierMatch:
        """Whether all elements belong together.

        May block for the time limit of `service.phone.http_post`; asks at most once. Never raises for what the registry
        or the network does: that is `unknown`.
        """
        ...


def attested(claim: Claim, registry: CarrierRegistry | None, number_e164: str, *, question_id: str) -> Claim:
    """The claim with what the carrier says of it; as it was where there is no registry or no name to ask about.

    Only for numbers that are confirmed: else anybody could learn here whose number it is.
    """
    if registry is None or claim.name is None:
        return claim
    question = CarrierQuestion(question_id, number_e164, claim.name, claim.number)
    return replace(claim, carrier=registry.check(question))
