"""The phone of a case: its digest, whether it is confirmed, and what its carrier says of the applicant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.errors import CaseConflict, RequestInvalid
from service.evidence import Claim
from service.phone.carrier import CarrierRegistry, attested
from service.phone.otp import VERIFICATION, PhoneCodes
from service.sandbox import is_sandbox
from service.store import Store, Transaction
from service.store.states import LIVING
from service.web.session_schemas import OpenCase


@dataclass(frozen=True, slots=True)
class CasePhones:
    """Over the codes of each tenant. Numbers that cannot be served raise PhoneNumberInvalid or PhoneNumberRefused."""

    store: Store
    codes: Callable[[str], PhoneCodes]
    clock: Callable[[], datetime]
    carrier: CarrierRegistry | None

    def digest(self, tenant: str, phone: str | None) -> str | None:
        """The keyed digest, in hex, that a number is known by; None stays None."""
        return None if phone is None else self.codes(tenant).number_digest(phone).hex()

    def confirmed(self, tenant: str, phone: str | None, code_id: str | None, case_id: str | None) -> bool | None:
        """Whether a case may lean on a code; None = it has no phone."""
        if phone is None and code_id is None:
            return None
        codes = self.codes(tenant)
        digest = None if phone is None else codes.number_digest(phone)
        if code_id is None:
            return False
        since = self.clock() - codes.rules.confirmed_for
        with self.store.reading() as transaction:
            return self.store.phones(tenant).usable(
                transaction, code_id, purpose=VERIFICATION, case_id=case_id, number_digest=digest, since=since
            )

    def bind(self, transaction: Transaction, tenant: str, case_id: str, phone: str) -> None:
        """Check that a case may have a code sent to this number.

        Raises NotFound, CaseConflict where the case is over, RequestInvalid where it was opened with another number.
        """
        session = self.store.sessions.get(transaction, tenant, case_id, now=self.clock())
        if session.state not in LIVING:
            raise CaseConflict(fields=(("state", session.state.value),))
        own = OpenCase.model_validate_json(session.request or b"").phone
        if own is not None and self.digest(tenant, own) != self.digest(tenant, phone):
            raise RequestInvalid(fields=(("phone", "not_of_verification"),))

    def claim(
        self, tenant: str, name: str | None, number: str | None, confirmed_phone: str | None, case_id: str
    ) -> Claim | None:
        """What the applicant typed, if anything, and of a confirmed phone what its carrier says of that."""
        if name is None and number is None:
            return None
        claim = Claim(name, number)
        if confirmed_phone is None:
            return claim
        registry = None if is_sandbox(tenant) else self.carrier
        return attested(claim, registry, self.codes(tenant).e164(confirmed_phone), question_id=case_id)
