"""policy.decide: the table of outcomes, and that nothing missing ever approves."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import PolicyInvalid
from service.evidence import (
    CarrierMatch,
    Check,
    CheckOutcome,
    Claim,
    Comparison,
    DocumentField,
    DocumentReading,
    Evidence,
    Face,
    FaceCapture,
    Finding,
    Measure,
    PadDecision,
    PadResult,
    Role,
    Side,
    Verdict,
)
from service.phone.carrier.checks import carrier_checks
from service.policy import ADVISORY, BACK_FIELDS, FRONT_FIELDS, Policy, decide, load_policy
from service.reasons import REASONS, Effect

POLICY = Policy(version="test", effects={"presentation_attack": Effect.REVIEW})
FACE = Face((0, 0, 100, 100), np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32), 0.99)


def reading(side: Side, names: tuple[str, ...], *checks: Check, score: float = 0.99) -> DocumentReading:
    read = {name: DocumentField("x", score, None) for name in names}
    return DocumentReading("cn_resident_id", side, read, checks=checks)


def good() -> Evidence:
    front = reading(
        Side.FRONT,
        FRONT_FIELDS,
        *(Check(name, CheckOutcome.PASS) for name in ("check_character", "birth_date", "sex")),
    )
    return Evidence(
        front=front,
        back=reading(Side.BACK, BACK_FIELDS),
        cross_checks=(Check("validity", CheckOutcome.PASS), Check("sides", CheckOutcome.PASS)),
        portrait=FaceCapture(FACE, (), 1, telling=True),
        selfie=FaceCapture(FACE, (), 1, telling=True),
        comparison=Comparison(0.7, 0.4, 0.2, 1e-3, True, "0" * 64),
        liveness=PadResult(PadDecision.BONA_FIDE, 0.9, 0.5),
        findings=(),
        today=date(2026, 1, 1),
        portrait_likeness=Measure("portrait_likeness", 0.6, 0.9755),
    )


def test_a_complete_case_is_approved_without_reasons() -> None:
    decision = decide(good(), POLICY)
    assert decision.verdict is Verdict.APPROVED
    assert decision.reasons == ()
    assert all(check.outcome is CheckOutcome.PASS for check in decision.checks)


MISSING = [f.name for f in fields(Evidence) if f.name not in {"cross_checks", "findings", "today", "phone_confirmed"}]


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_never_approves(name: str) -> None:
    assert decide(replace(good(), **{name: None}), POLICY).verdict is not Verdict.APPROVED


@pytest.mark.parametrize("name", FRONT_FIELDS)
def test_a_missing_field_asks_for_a_better_picture(name: str) -> None:
    front = good().front
    assert front is not None
    poorer = replace(front, fields={key: value for key, value in front.fields.items() if key != name})
    decision = decide(replace(good(), front=poorer), POLICY)
    assert decision.verdict is Verdict.RETAKE
    assert [finding.code for finding in decision.reasons] == ["fields_unreadable"]


ALERTS = {
    "photocopy": Verdict.RETAKE,
    "screen_recapture": Verdict.RETAKE,
    "border_incomplete": Verdict.RETAKE,
    "occluded": Verdict.RETAKE,
    "paper_copy": Verdict.REVIEW,
    "temporary_id": Verdict.REVIEW,
    "several_documents": Verdict.REVIEW,
    "edited": Verdict.APPROVED,
}


@pytest.mark.parametrize("role", [Role.FRONT, Role.BACK])
@pytest.mark.parametrize(("code", "verdict"), ALERTS.items())
def test_an_alert_of_a_picture_weighs_as_its_reason_says(code: str, verdict: Verdict, role: Role) -> None:
    complete = good()
    side = complete.front if role is Role.FRONT else complete.back
    assert side is not None
    evidence = replace(complete, **{role.value: replace(side, alerts=(Finding(code, role),))})
    assert decide(evidence, POLICY).verdict is verdict


def test_a_policy_can_harden_a_hint() -> None:
    front = good().front
    assert front is not None
    evidence = replace(good(), front=replace(front, alerts=(Finding("edited", Role.FRONT, "number"),)))
    strict = replace(POLICY, effects={"edited": Effect.REVIEW})
    assert decide(evidence, strict).verdict is Verdict.REVIEW


def with_score(name: str, score: float) -> Evidence:
    """One field of the front read with another text score."""
    case = good()
    assert case.front is not None
    fields = {**case.front.fields, name: DocumentField("x", score, None)}
    return replace(case, front=replace(case.front, fields=fields))


def with_cross(outcome: CheckOutcome, *codes: str, text_score: float = 0.99) -> Evidence:
    return replace(good(), cross_checks=(Check("validity", outcome, codes, {"text_score": text_score}),))


@pytest.mark.parametrize(
    ("evidence", "verdict", "code"),
    [
        (with_cross(CheckOutcome.FAIL, "document_expired"), Verdict.DECLINED, "document_expired"),
        (with_cross(CheckOutcome.FAIL, "document_expired", text_score=0.7), Verdict.RETAKE, "document_expired"),
        (with_cross(CheckOutcome.FAIL, "sex_mismatch"), Verdict.REVIEW, "sex_mismatch"),
        (with_cross(CheckOutcome.FAIL, "sex_mismatch", text_score=0.7), Verdict.RETAKE, "sex_mismatch"),
        (with_cross(CheckOutcome.UNKNOWN), Verdict.REVIEW, None),
        (replace(good(), front=reading(Side.BACK, BACK_FIELDS)), Verdict.RETAKE, "wrong_side"),
        (replace(good(), front=DocumentReading(None, None, {})), Verdict.RETAKE, "not_a_document"),
        (replace(good(), front=replace(good().front, kind="passport")), Verdict.RETAKE, "kind_mismatch"),
        (replace(good(), front=reading(Side.FRONT, FRONT_FIELDS, score=0.3)), Verdict.REVIEW, "text_uncertain"),
        (
            replace(good(), selfie=FaceCapture(None, (Finding("several_faces", Role.SELFIE),), 2), comparison=None),
            Verdict.RETAKE,
            "several_faces",
        ),
        (
            replace(good(), comparison=Comparison(0.05, 0.4, 0.2, 1e-3, False, "")),
            Verdict.DECLINED,
            "face_mismatch",
        ),
        (replace(good(), comparison=Comparison(0.3, 0.4, 0.2, 1e-3, False, "")), Verdict.REVIEW, "face_uncertain"),
        (replace(good(), liveness=PadResult(PadDecision.ATTACK, 0.1, 0.5)), Verdict.REVIEW, "presentation_attack"),
        (
            replace(good(), liveness=PadResult(PadDecision.UNSURE, None, 0.5, ("face_margin_small",))),
            Verdict.RETAKE,
            "liveness_uncertain",
        ),
        (replace(good(), phone_confirmed=False), Verdict.REVIEW, "phone_unconfirmed"),
    ],
)
def test_table(evidence: Evidence, verdict: Verdict, code: str | None) -> None:
    decision = decide(evidence, POLICY)
    assert decision.verdict is verdict
    assert [finding.code for finding in decision.reasons][:1] == ([code] if code else [])


def test_an_expiry_that_no_law_provides_is_taken_for_a_misreading() -> None:
    odd = Check("validity", CheckOutcome.FAIL, ("document_expired",), {"text_score": 0.99, "span_legal": False})
    assert decide(replace(good(), cross_checks=(odd,)), POLICY).verdict is Verdict.RETAKE


def test_a_mismatch_of_a_poor_selfie_is_not_declined() -> None:
    poor = FaceCapture(FACE, (Finding("face_blurred", Role.SELFIE),), 1)
    unlike = replace(good(), selfie=poor, comparison=Comparison(0.05, 0.4, 0.2, 1e-3, False, ""))
    assert decide(unlike, POLICY).verdict is Verdict.RETAKE


@pytest.mark.parametrize("role", ["portrait", "selfie"])
def test_a_mismatch_of_a_face_that_barely_passes_its_gates_goes_to_a_person(role: str) -> None:
    barely = replace(good(), **{role: FaceCapture(FACE, (), 1, telling=False)})
    decision = decide(replace(barely, comparison=Comparison(0.05, 0.4, 0.2, 1e-3, False, "")), POLICY)
    assert decision.verdict is Verdict.REVIEW
    assert [finding.code for finding in decision.reasons] == ["face_uncertain"]


def test_a_failed_check_that_only_hints_does_not_stand_in_the_way() -> None:
    hinted = replace(good(), cross_checks=(Check("grain", CheckOutcome.FAIL, ("edited",)),))
    assert decide(hinted, POLICY).verdict is Verdict.APPROVED
    unknown = replace(good(), cross_checks=(Check("grain", CheckOutcome.UNKNOWN, ("edited",)),))
    assert decide(unknown, POLICY).verdict is Verdict.REVIEW


@pytest.mark.parametrize("name", sorted(ADVISORY))
def test_an_advisory_check_may_stay_unanswered(name: str) -> None:
    unknown = Check(name, CheckOutcome.UNKNOWN, ("authority_region_unknown",))
    decision = decide(replace(good(), cross_checks=(unknown,)), POLICY)
    assert decision.verdict is Verdict.APPROVED
    assert [finding.code for finding in decision.reasons] == ["authority_region_unknown"]
    hardened = replace(POLICY, effects={"authority_region_unknown": Effect.REVIEW})
    assert decide(replace(good(), cross_checks=(unknown,)), hardened).verdict is Verdict.REVIEW


@pytest.mark.parametrize(
    "code", ["authority_mismatch", "generation_impossible", "issued_before_birth", "claimed_name_differs"]
)
def test_contradictions_of_the_card_go_to_a_person(code: str) -> None:
    failed = Check("check", CheckOutcome.FAIL, (code,), {"text_score": 0.99})
    assert decide(replace(good(), cross_checks=(failed,)), POLICY).verdict is Verdict.REVIEW
    poorly = Check("check", CheckOutcome.FAIL, (code,), {"text_score": 0.8})
    assert decide(replace(good(), cross_checks=(poorly,)), POLICY).verdict is Verdict.RETAKE


def test_the_portrait_itself_is_no_selfie() -> None:
    decision = decide(replace(good(), portrait_likeness=Measure("portrait_likeness", 0.99, 0.9755)), POLICY)
    assert decision.verdict is Verdict.REVIEW
    assert [finding.code for finding in decision.reasons] == ["selfie_is_portrait"]


def test_what_liveness_saw_follows_the_attack_with_its_region() -> None:
    seen = Finding("screen_edge_seen", Role.SELFIE, box=((0, 0), (9, 0), (9, 9), (0, 9)))
    reasons = ("presentation_attack", "screen_edge_seen")
    evidence = replace(good(), liveness=PadResult(PadDecision.ATTACK, 0.1, 0.5, reasons, (seen,)), findings=(seen,))
    decision = decide(evidence, POLICY)
    assert decision.verdict is Verdict.REVIEW
    assert decision.reasons == (Finding("presentation_attack"), seen)


def test_policy_may_require_the_phone_and_leave_out_liveness() -> None:
    strict = replace(POLICY, phone_required=True)
    assert decide(good(), strict).verdict is Verdict.REVIEW
    assert decide(replace(good(), phone_confirmed=True), strict).verdict is Verdict.APPROVED
    lax = replace(POLICY, liveness_required=False)
    assert decide(replace(good(), liveness=None), lax).verdict is Verdict.APPROVED


RANK = {Verdict.APPROVED: 0, Verdict.REVIEW: 1, Verdict.RETAKE: 1, Verdict.DECLINED: 1}


@given(low=st.floats(0, 1), high=st.floats(0, 1), similarity=st.floats(-1, 1), less=st.floats(0, 1))
def test_lowering_a_score_never_earns_an_approval(low: float, high: float, similarity: float, less: float) -> None:
    def case(score: float, alike: float) -> Evidence:
        compared = Comparison(alike, 0.4, 0.2, 1e-3, alike >= 0.4, "")
        return replace(good(), front=reading(Side.FRONT, FRONT_FIELDS, score=score), comparison=compared)

    better = decide(case(max(low, high), similarity), POLICY).verdict
    worse = decide(case(min(low, high), similarity - less), POLICY).verdict
    assert RANK[worse] >= RANK[better]


def test_the_shipped_policy_is_valid() -> None:
    policy = load_policy(Path(__file__).parent.parent / "service" / "policy.toml")
    assert policy.max_fmr == 1e-3
    assert policy.liveness_required
    assert policy.expiring_days == 90


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "version"),
        ('version = "1"\n[face]\nmax_far = 0.1', "face.max_far"),
        ('version = "1"\n[faces]\nmax_fmr = 0.1', "faces"),
        ('version = "1"\n[face]\nmax_fmr = 0', "face.max_fmr"),
        ('version = "1"\n[face]\nmax_fmr = true', "face.max_fmr"),
        ('version = "1"\n[face]\nmax_fmr = 0.2\nclear_nonmatch_fmr = 0.1', "face.clear_nonmatch_fmr"),
        ('version = "1"\n[liveness]\nrequired = 1', "liveness.required"),
        ('version = "1"\n[liveness]\nmax_apcer = 0', "liveness.max_apcer"),
        ('version = "1"\n[document]\nexpiring_days = 0.5', "document.expiring_days"),
        ('version = "1"\n[document]\nexpiring_days = -1', "document.expiring_days"),
        ('version = "1"\n[document]\nexpiring_days = true', "document.expiring_days"),
        ('version = "1"\n[effects]\nface_mismatch = "hint"', "effects.face_mismatch"),
        ('version = "1"\n[effects]\nno_such_code = "review"', "effects.no_such_code"),
        ("version = ", "policy.toml"),
    ],
)
def test_a_wrong_policy_is_refused_by_name(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyInvalid, match=names.replace(".", r"\.")):
        load_policy(path)


def test_every_reason_speaks_both_languages() -> None:
    for code, row in REASONS.items():
        ends = (row.message[-1], row.advice_en[-1], row.advice_zh[-1])
        assert ends == (".", ".", "。"), code


@pytest.mark.parametrize(
    ("said", "required", "verdict"),
    [
        ("match", True, Verdict.APPROVED),
        ("mismatch", False, Verdict.REVIEW),
        ("unknown", True, Verdict.REVIEW),
        (None, True, Verdict.REVIEW),
        ("unknown", False, Verdict.APPROVED),
        (None, False, Verdict.APPROVED),
    ],
)
def test_what_the_carrier_says_counts(said: CarrierMatch | None, required: bool, verdict: Verdict) -> None:
    checks = carrier_checks(Claim("x", None, said), required=required)
    evidence = replace(good(), cross_checks=(*good().cross_checks, *checks))
    assert decide(evidence, POLICY).verdict is verdict


@pytest.mark.parametrize("code", ["face_covered", "eyes_covered", "eyes_closed", "face_turned", "face_blurred"])
def test_a_selfie_that_fails_a_gate_is_taken_again_however_alike(code: str) -> None:
    poor = FaceCapture(FACE, (Finding(code, Role.SELFIE),), 1)
    decision = decide(replace(good(), selfie=poor, findings=poor.findings), POLICY)
    assert decision.verdict is Verdict.RETAKE
    assert [finding.code for finding in decision.reasons] == [code]


@pytest.mark.parametrize("wish", [Effect.RETAKE, Effect.REVIEW])
def test_a_poor_portrait_leads_where_the_operator_wishes(wish: Effect) -> None:
    poor = FaceCapture(FACE, (Finding("portrait_covered", Role.FRONT),), 1)
    decision = decide(replace(good(), portrait=poor), replace(POLICY, poor_portrait=wish))
    assert decision.verdict.value == wish.value


def test_a_poor_portrait_is_never_let_through(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "1"\n[face]\npoor_portrait = "hint"\n')
    with pytest.raises(PolicyInvalid, match=r"face\.poor_portrait: retake or review"):
        load_policy(path)
    path.write_text('version = "1"\n[face]\npoor_portrait = "review"\n')
    assert load_policy(path).poor_portrait is Effect.REVIEW


def test_without_biometrics_the_best_is_review() -> None:
    decision = decide(
        replace(good(), biometrics=False, selfie=None, portrait=None, comparison=None, liveness=None), POLICY
    )
    assert decision.verdict is Verdict.REVIEW
    assert [finding.code for finding in decision.reasons] == ["face_not_compared"]
    assert not {check.name for check in decision.checks} & {"portrait", "selfie", "liveness"}


@pytest.mark.parametrize("name", FRONT_FIELDS)
def test_free_text_must_be_read_more_surely_than_what_has_other_witnesses(name: str) -> None:
    verdict = decide(with_score(name, 0.8), POLICY).verdict
    assert verdict is (Verdict.REVIEW if name in ("name", "address") else Verdict.APPROVED)


def test_a_match_within_the_uncertainty_of_the_threshold_is_for_a_person() -> None:
    narrow = Comparison(0.42, 0.4, 0.2, 1e-3, True, "0" * 64, certain_from=0.44, fmr=(1e-3, 5e-4, 2e-3))
    decision = decide(replace(good(), comparison=narrow), POLICY)
    assert decision.verdict is Verdict.REVIEW
    assert [finding.code for finding in decision.reasons] == ["face_borderline"]
    sure = replace(narrow, similarity=0.44)
    assert decide(replace(good(), comparison=sure), POLICY).verdict is Verdict.APPROVED


@pytest.mark.parametrize("code", ["duplicate_face", "blocklisted_face", "face_not_searched"])
def test_no_policy_refuses_for_what_one_against_many_found(tmp_path: Path, code: str) -> None:
    path = tmp_path / "policy.toml"
    for effect in ("decline", "retake"):
        path.write_text(f'version = "1"\n[effects]\n{code} = "{effect}"\n')
        with pytest.raises(PolicyInvalid, match=code):
            load_policy(path)
    path.write_text(f'version = "1"\n[gallery]\nmax_fpir = 0.001\n[effects]\n{code} = "review"\n')
    assert load_policy(path).max_fpir == 0.001
