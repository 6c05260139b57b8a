"""One face against a tenant's others: asked for, told to a person, never a refusal, and forgotten with its case."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from service.store import Scope
from service.store.galleries import Kind
from service.store.tables import FACE_TEMPLATES, GALLERIES
from service.web.gallery_index import GalleryIndex

from .conftest import CONSENT, GALLERY_TEMPLATES, House, face_of
from .test_tenants import key_for

OTHER = "110105199003072354"


@pytest.fixture
def gallery(house: House) -> House:
    assert house.client.put("/v1/gallery").json()["open"] is True
    return house


def kept(house: House) -> int:
    """Templates that are stored, of anybody."""
    with house.store.reading() as transaction:
        rows = transaction.execute(select(FACE_TEMPLATES.c.id).where(FACE_TEMPLATES.c.template.is_not(None)))
        return len(rows.all())


def check(verdict: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in verdict["checks"] if each["name"] == name]
    return dict(found)


def codes(verdict: dict[str, Any]) -> list[str]:
    return [each["code"] for each in verdict["reasons"]]


def index(house: House) -> GalleryIndex:
    found: GalleryIndex = house.clerk._desk.faces.index
    return found


def in_memory(house: House, tenant: str = "default") -> int:
    held = index(house)._indexes.get(tenant)
    return 0 if held is None else held.templates


def test_by_default_nothing_is_asked_for_searched_or_kept(house: House) -> None:
    assert house.client.get("/v1/gallery").json()["open"] is False
    taken: list[object] = []
    verify = house.verifier.verify

    def watched(*pictures: Any, **asked: Any) -> dict[str, Any]:
        taken.append(asked.get("take_template"))
        return verify(*pictures, **asked)

    house.verifier.verify = watched  # type: ignore[method-assign]
    verdict = house.seen()
    assert (verdict["decision"], taken, kept(house)) == ("approved", [None], 0)
    assert "gallery" not in verdict
    assert "duplicate_face" not in {each["name"] for each in verdict["checks"]}


def test_the_same_person_under_the_same_number_is_known(gallery: House) -> None:
    first, again = gallery.seen(), gallery.seen(similarity=0.6)
    assert first["gallery"] == {
        "searched": True, "duplicates": [], "known": [], "blocked": [], "not_comparable": 0, "kept": True,
    }  # fmt: skip
    assert again["decision"] == "approved"
    assert again["gallery"]["known"] == [{"case_id": first["id"], "similarity": 0.6}]
    assert codes(again) == ["face_known"]
    assert check(again, "duplicate_face")["measured"] == {
        "templates": 1, "threshold": 0.42, "max_fpir": 0.01, "fpir_bound": 0.001, "found": 0, "known": 1,
    }  # fmt: skip


def test_the_same_face_under_another_number_goes_to_a_person(gallery: House) -> None:
    first = gallery.seen()
    second = gallery.seen(number=OTHER, similarity=0.6)
    assert (second["decision"], codes(second)) == ("review", ["duplicate_face"])
    assert second["gallery"]["duplicates"] == [{"case_id": first["id"], "similarity": 0.6}]
    assert check(second, "duplicate_face")["outcome"] == "fail"
    assert gallery.client.get(f"/v1/verifications/{second['id']}").json() == second
    third = gallery.seen(number="110105198001015415")
    assert {each["case_id"] for each in third["gallery"]["duplicates"]} == {first["id"], second["id"]}


def test_another_face_is_nobodys_double(gallery: House) -> None:
    gallery.seen(face=1)
    other = gallery.seen(face=2, number=OTHER)
    assert (other["decision"], codes(other)) == ("approved", [])
    below = gallery.seen(face=1, number=OTHER, similarity=0.41)
    assert below["decision"] == "approved"


@pytest.mark.parametrize("decision", ["declined", "retake", "review"])
def test_a_hit_changes_no_other_decision(gallery: House, decision: str) -> None:
    gallery.seen()
    gallery.verifier.verdict = {**gallery.verifier.verdict, "decision": decision}
    gallery.verifier.verdict["document"] = {"fields": {"number": OTHER}}
    verdict = gallery.verify({"consent": {**CONSENT, "gallery": True}}).json()
    assert verdict["decision"] == decision
    assert "duplicate_face" in codes(verdict)
    assert verdict["gallery"]["kept"] is (decision == "review")


def test_who_did_not_agree_is_kept_nowhere_and_seen_by_a_person(gallery: House) -> None:
    gallery.seen()
    verdict = gallery.verify({"consent": CONSENT}).json()
    assert (verdict["decision"], codes(verdict)) == ("review", ["face_not_searched"])
    assert verdict["gallery"] == {"searched": False}
    assert check(verdict, "duplicate_face")["outcome"] == "unknown"
    assert kept(gallery) == 1


def test_a_selfie_without_a_face_is_not_approved(gallery: House) -> None:
    gallery.seen()
    gallery.verifier.template = None
    verdict = gallery.verify({"consent": {**CONSENT, "gallery": True}}).json()
    assert verdict["decision"] == "review"
    assert check(verdict, "blocklisted_face")["outcome"] == "unknown"
    assert kept(gallery) == 1


@pytest.mark.parametrize("failing", ["face", "liveness", "selfie_original"])
def test_a_face_that_did_not_pass_is_not_kept(gallery: House, failing: str) -> None:
    gallery.seen()
    outcomes = {"selfie": "pass", "liveness": "pass", "face": "pass", failing: "fail"}
    gallery.verifier.verdict["checks"] = [{"name": name, "outcome": said} for name, said in outcomes.items()]
    gallery.verifier.verdict["decision"] = "review"
    verdict = gallery.verify({"consent": {**CONSENT, "gallery": True}}).json()
    assert verdict["gallery"]["kept"] is False
    assert kept(gallery) == 1


def test_step_by_step_the_same_is_searched_and_kept_and_the_device_learns_nothing(gallery: House) -> None:
    first = gallery.seen()
    gallery.verifier.verdict["document"] = {"fields": {"number": OTHER}}
    opened = gallery.filled(consent={**CONSENT, "gallery": True})
    token = {"X-API-Key": opened["capture_token"]}
    told = gallery.submit(opened["id"], **token).json()
    assert (told["decision"], told["reasons"]) == ("review", [])
    verdict = gallery.standing(opened["id"])
    assert verdict["gallery"]["duplicates"] == [{"case_id": first["id"], "similarity": 1.0}]
    assert kept(gallery) == 2
    unasked = gallery.filled()
    assert codes(gallery.submit(unasked["id"]).json()) == ["face_not_searched"]
    without = gallery.filled(checks=["document"])
    assert "gallery" not in gallery.submit(without["id"]).json()
    assert kept(gallery) == 2


def test_consent_withdrawn_while_the_verdict_is_made_keeps_nothing(gallery: House) -> None:
    gallery.seen()
    gallery.verifier.gate = threading.Event()
    opened = gallery.filled(consent={**CONSENT, "gallery": True})
    asked = threading.Thread(target=gallery.submit, args=(opened["id"],))
    asked.start()
    while len(gallery.verifier.calls) < 2:
        pass
    assert gallery.client.delete(f"/v1/verifications/{opened['id']}/consent").status_code == 200
    gallery.verifier.gate.set()
    asked.join(10)
    assert gallery.standing(opened["id"])["state"] == "withdrawn"
    assert kept(gallery) == 1


def test_of_two_at_once_the_second_finds_the_first(gallery: House) -> None:
    gallery.seen(face=3)
    gallery.verifier.template = face_of(1)
    numbers = iter(["110105199003072354", "110105198001015415"])
    waiting = threading.Barrier(2)
    verify = gallery.verifier.verify

    def together(*pictures: Any, **asked: Any) -> dict[str, Any]:
        verdict = {**verify(*pictures, **asked), "document": {"fields": {"number": next(numbers)}}}
        waiting.wait(10)
        return verdict

    gallery.verifier.verify = together  # type: ignore[method-assign]
    decisions: list[str] = []

    def one() -> None:
        decisions.append(gallery.verify({"consent": {**CONSENT, "gallery": True}}).json()["decision"])

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(decisions) == ["approved", "review"]


def test_the_erased_are_not_found_and_leave_memory(gallery: House) -> None:
    first = gallery.seen()
    gallery.seen(face=2, number=OTHER)
    assert in_memory(gallery) == 1  # the latest is read at the next search
    assert gallery.client.delete(f"/v1/verifications/{first['id']}").status_code == 204
    assert (kept(gallery), in_memory(gallery)) == (1, 1)
    verdict = gallery.seen(number="110105198001015415")
    assert verdict["decision"] == "approved"
    assert verdict["gallery"]["duplicates"] == []


def test_a_template_alone_is_forgotten_and_the_verdict_stays(gallery: House) -> None:
    first = gallery.seen()
    address = f"/v1/verifications/{first['id']}/template"
    assert [gallery.client.delete(address).status_code for _ in range(2)] == [204, 404]
    assert gallery.client.get(f"/v1/verifications/{first['id']}").json() == first
    assert gallery.seen(number=OTHER)["decision"] == "approved"


def test_another_process_forgets_at_its_next_search_and_with_its_clerk(gallery: House) -> None:
    first = gallery.seen()
    gallery.seen(face=2, number=OTHER)
    elsewhere = GalleryIndex(gallery.store, 100)

    def look() -> int:
        with gallery.store.reading() as transaction:
            opened = gallery.store.galleries.find(transaction, "default")
            assert opened is not None
            with elsewhere.upto(transaction, "default", opened, face_of(1)) as searcher:
                return len(searcher.search(Kind.CASE, 0.42))

    assert look() == 1
    gallery.client.delete(f"/v1/verifications/{first['id']}")
    assert elsewhere._indexes["default"].templates == 2
    elsewhere.refresh_all()
    assert elsewhere._indexes["default"].templates == 1
    assert look() == 0
    gallery.client.delete("/v1/gallery")
    elsewhere.refresh_all()
    assert "default" not in elsewhere._indexes


def test_the_clerk_forgets_what_others_forgot(gallery: House) -> None:
    first = gallery.seen()
    gallery.seen(face=2, number=OTHER)
    with gallery.store.transaction() as transaction:  # as another process does
        gallery.store.galleries.forget(transaction, "default", first["id"])
    gallery.clerk.sweep()
    assert in_memory(gallery) == 1
    assert index(gallery)._indexes["default"].sequence == 3


def test_closing_destroys_all_and_a_new_gallery_begins_empty(gallery: House) -> None:
    first = gallery.seen()
    gallery.client.post(f"/v1/verifications/{first['id']}/blocklist", json={"reason": "forged"})
    gallery.seen(face=2)
    assert gallery.client.delete("/v1/gallery").status_code == 204
    assert (kept(gallery), in_memory(gallery)) == (0, 0)
    assert "gallery" not in gallery.seen(number=OTHER)
    gallery.client.put("/v1/gallery")
    again = gallery.seen(number=OTHER)
    assert (again["decision"], again["gallery"]["duplicates"]) == ("approved", [])
    lines = [line for line in gallery.log_lines() if line["event"] == "gallery"]
    assert [(line["outcome"], line["key_id"]) for line in lines] == [
        ("opened", "settings"), ("closed", "settings"), ("opened", "settings"),
    ]  # fmt: skip


def test_a_blocked_face_goes_to_a_person_until_it_is_removed(gallery: House) -> None:
    first = gallery.seen()
    reviewer = key_for(gallery, Scope.REVIEW)
    address = f"/v1/verifications/{first['id']}/blocklist"
    entry = gallery.client.post(address, json={"reason": "forged_document"}, headers=reviewer).json()
    assert (entry["case_id"], entry["reason"], entry["removed_at"]) == (first["id"], "forged_document", None)
    assert entry["added_by"].startswith("key ")
    assert gallery.client.post(address, json={"reason": "again"}, headers=reviewer).json() == entry
    gallery.client.delete(f"/v1/verifications/{first['id']}")
    hit = gallery.seen(number=OTHER, similarity=0.7)
    assert (hit["decision"], codes(hit)) == ("review", ["blocklisted_face"])
    assert hit["gallery"]["blocked"] == [
        {"id": entry["id"], "reason": "forged_document", "case_id": first["id"], "similarity": 0.7}
    ]
    assert gallery.client.delete(f"/v1/blocklist/{entry['id']}", headers=reviewer).status_code == 204
    assert gallery.client.delete(f"/v1/blocklist/{entry['id']}", headers=reviewer).status_code == 404
    (line,) = gallery.client.get("/v1/blocklist").json()["entries"]
    assert (line["id"], line["removed_by"]) == (entry["id"], entry["added_by"])
    assert gallery.seen(number=OTHER)["decision"] == "approved"


def test_a_case_that_is_not_kept_cannot_be_blocked(gallery: House) -> None:
    case = gallery.verify().json()["id"]
    refused = gallery.client.post(f"/v1/verifications/{case}/blocklist", json={"reason": "forged"})
    assert (refused.status_code, refused.json()["code"]) == (409, "case_conflict")
    assert refused.json()["errors"] == [{"field": "template", "code": "missing"}]
    named = gallery.client.post(f"/v1/verifications/{case}/blocklist", json={"reason": "he looked shady"})
    assert named.json()["code"] == "request_invalid"


def test_no_tenant_finds_anothers_faces(gallery: House) -> None:
    gallery.seen()
    stranger = key_for(gallery, *Scope, tenant="stranger")
    gallery.client.put("/v1/gallery", headers=stranger)
    verdict = gallery.seen(number=OTHER, **stranger)
    assert (verdict["decision"], verdict["gallery"]["duplicates"]) == ("approved", [])
    assert gallery.client.get("/v1/gallery", headers=stranger).json()["cases"]["templates"] == 1
    assert gallery.client.get("/v1/blocklist", headers=stranger).json()["entries"] == []


def test_a_full_gallery_is_searched_but_takes_nobody_more(gallery: House) -> None:
    for face in range(1, GALLERY_TEMPLATES + 1):
        assert gallery.seen(face=face)["gallery"]["kept"] is True
    more = gallery.seen(face=1, number=OTHER)
    assert (more["decision"], more["gallery"]["kept"]) == ("review", False)
    assert more["gallery"]["duplicates"][0]["similarity"] == 1.0
    standing = gallery.client.get("/v1/gallery").json()
    assert standing["cases"] == {"templates": 12, "threshold": 0.48, "fpir_bound": 0.0012}
    assert check(more, "duplicate_face")["measured"]["threshold"] == 0.48


def test_memory_keeps_to_its_bound_and_the_least_used_gallery_goes(house: House) -> None:
    keys = [key_for(house, *Scope, tenant=f"tenant-{n}") for n in range(3)]
    for key in keys:
        house.client.put("/v1/gallery", headers=key)
        for face in range(1, 7):
            house.seen(face=face, **key)
    held = index(house)
    assert set(held._indexes) == {"tenant-1", "tenant-2"}
    assert sum(each.templates for each in held._indexes.values()) <= GALLERY_TEMPLATES
    assert house.seen(number=OTHER, **keys[0])["decision"] == "review"


def test_templates_of_another_weight_are_counted_and_not_compared(gallery: House) -> None:
    gallery.seen()
    gallery.verifier.template = face_of(1)
    elder = gallery.verifier.template
    gallery.verifier.template = type(elder)(elder.vector, "newer weight")
    verdict = gallery.verify({"consent": {**CONSENT, "gallery": True}}).json()
    assert (verdict["gallery"]["not_comparable"], verdict["gallery"]["known"]) == (1, [])


def test_a_moved_row_stops_the_gallery_by_name(gallery: House) -> None:
    gallery.seen()
    with gallery.store.transaction() as transaction:
        transaction.execute(update(FACE_TEMPLATES).values(number_digest=bytes(32)))
    refused = gallery.verify({"consent": {**CONSENT, "gallery": True}})
    assert (refused.status_code, refused.json()["code"]) == (500, "gallery_unreadable")
    assert gallery.cases() == 1


def test_a_forced_verdict_of_the_sandbox_meets_no_gallery(house: House) -> None:
    key = key_for(house, *Scope, tenant="sandbox")
    house.client.put("/v1/gallery", headers=key)
    verdict = house.verify({"claimed_number": "000000199001010001"}, **key).json()
    assert verdict["decision"] == "approved"
    assert "gallery" not in verdict


def test_no_template_and_no_number_is_in_an_answer_a_row_or_the_log(gallery: House) -> None:
    gallery.seen()
    gallery.seen(number=OTHER)
    with gallery.store.reading() as transaction:
        rows = str(transaction.execute(select(FACE_TEMPLATES)).all() + transaction.execute(select(GALLERIES)).all())
    for text in (rows, gallery.log.getvalue()):
        assert OTHER not in text
