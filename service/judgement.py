"""One picture judged by itself, while it can still be taken again. Pure."""

from __future__ import annotations

from service.evidence import DocumentReading, FaceCapture, Finding, PadResult, Role, Side
from service.policy import Policy, side_check
from service.reasons import REASONS, Effect


def document_findings(role: Role, reading: DocumentReading, policy: Policy) -> tuple[Finding, ...]:
    """What is wrong with a side of a document under the name it was given."""
    side, name = (Side.BACK, "document_back") if role is Role.BACK else (Side.FRONT, "document_front")
    noticed = {alert.code for alert in reading.alerts}
    codes = side_check(name, reading, side, policy).reasons
    return (*reading.alerts, *(Finding(code, role) for code in codes if code not in noticed))


def selfie_findings(shown: FaceCapture, judged: PadResult | None) -> tuple[Finding, ...]:
    """What is wrong with a selfie, with what keeps liveness from being judged; its judgement would help an attacker."""
    noticed = {finding.code for finding in shown.findings}
    unfit = judged.reasons if judged else ()
    more = (Finding(code, Role.SELFIE) for code in unfit if code.startswith("face_") and code not in noticed)
    return (*shown.findings, *more)


def asks_again(finding: Finding, policy: Policy) -> bool:
    """Whether another picture is worth taking."""
    return policy.effects.get(finding.code, REASONS[finding.code].effect) in {Effect.RETAKE, Effect.DECLINE}
