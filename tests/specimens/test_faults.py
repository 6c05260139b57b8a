from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from service.specimens.card import NUMBER_BOX, draw_back, draw_front
from service.specimens.cases import Case, Holder, sample_case, true_case
from service.specimens.faults import (
    FAULTS,
    cover_number,
    cut,
    expired_person,
    faulty_case,
    illegal_span,
    impossible_back,
    other_region,
)
from service.specimens.fonts import Fonts
from service.specimens.people import validity_end
from service.specimens.photograph import photograph
from service.specimens.sample import sample_person
from service.specimens.score import passes
from tests.specimens.conftest import ASSETS, TODAY, likeness, some_people

Holders = tuple[Holder, Holder]


def build(fault: str, holders: Holders, fonts: Fonts, seed: int = 1) -> Case:
    return faulty_case(fault, holders, fonts, TODAY, "photo", np.random.default_rng(seed))


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_built_reproducibly(fault: str, holders: Holders, fonts: Fonts) -> None:
    case, again = (build(fault, holders, fonts) for _ in range(2))
    assert case.fault == fault
    assert case.files() == again.files()


def test_an_unknown_fault_is_refused(holders: Holders, fonts: Fonts) -> None:
    with pytest.raises(KeyError):
        build("nonesuch", holders, fonts)


def test_expired_cards_were_legal_once() -> None:
    rng = np.random.default_rng(1)
    for person in (expired_person(rng, TODAY) for _ in range(100)):
        assert person.valid_until is not None
        assert person.valid_until < TODAY
        assert person.valid_until == validity_end(person.birth_date, person.valid_from)
        assert passes(person.number)


def test_only_the_check_character_is_wrong(holders: Holders, fonts: Fonts) -> None:
    for seed in range(2):
        person = build("check_character", holders, fonts, seed).person
        assert not passes(person.number)
        assert person.number[6:14] == f"{person.birth_date:%Y%m%d}"


def test_the_birth_date_alone_is_against_the_number(holders: Holders, fonts: Fonts) -> None:
    for seed in range(2):
        person = build("birth_date", holders, fonts, seed).person
        assert passes(person.number)
        assert person.number[6:14] != f"{person.birth_date:%Y%m%d}"
        assert date(1900, 1, 1) < person.birth_date < TODAY


def test_the_sex_alone_is_against_the_number(holders: Holders, fonts: Fonts) -> None:
    person = build("sex", holders, fonts).person
    assert passes(person.number)
    assert (int(person.number[16]) % 2 == 1) != (person.sex == "男")


def test_the_number_is_covered_and_nothing_else(holders: Holders, fonts: Fonts) -> None:
    card = draw_front(sample_person(), holders[0].portrait, fonts)
    x0, y0, x1, y1 = NUMBER_BOX
    for seed in range(10):
        covered = cover_number(card, np.random.default_rng(seed))
        changed = np.abs(card.astype(int) - covered.astype(int)).max(axis=2) > 0
        assert changed[y0:y1, x0:x1].mean() > 2 / 18
        changed[y0 - 5 : y1 + 6, x0 - 2 : x1 + 3] = False
        assert not changed.any()


def test_a_cut_card_leaves_the_picture(holders: Holders, fonts: Fonts) -> None:
    whole = photograph(draw_front(sample_person(), holders[0].portrait, fonts), "photo", np.random.default_rng(1))
    for seed in range(12):
        front = cut(whole, np.random.default_rng(seed))
        height, width = front.pixels.shape[:2]
        beyond = np.concatenate([-front.quad, front.quad - (width, height)]).max()
        assert beyond > 0.1 * (front.quad.max(axis=0) - front.quad.min(axis=0)).min()


def test_the_same_side_stands_in_both_pictures(holders: Holders, fonts: Fonts) -> None:
    case = build("same_side_twice", holders, fonts)
    card = draw_front(case.person, holders[0].portrait, fonts)
    assert likeness(case.front, card) > 0.9
    assert likeness(case.back, card) > 0.9
    assert case.front.encode() != case.back.encode()


def test_mixed_sides_cannot_belong_together(holders: Holders, fonts: Fonts) -> None:
    rng = np.random.default_rng(1)
    for person in some_people(50):
        other = impossible_back(person, rng, TODAY)
        assert other.authority != person.authority
        if other.valid_from > person.birth_date:
            assert validity_end(person.birth_date, other.valid_from) != other.valid_until
    case = build("mixed_sides", holders, fonts)
    assert likeness(case.front, draw_front(case.person, holders[0].portrait, fonts)) > 0.9


def test_a_back_of_another_region_is_wrong_in_nothing_else() -> None:
    rng = np.random.default_rng(1)
    for person in some_people(50):
        back = other_region(person, rng, TODAY)
        assert back.authority != person.authority
        assert back.valid_from > person.birth_date
        assert back.valid_until == validity_end(person.birth_date, back.valid_from)
        assert back.valid_until is None or back.valid_until > TODAY


def test_an_illegal_span_is_the_persons_own_and_current() -> None:
    rng = np.random.default_rng(1)
    for person in some_people(50):
        back = illegal_span(person, rng, TODAY)
        assert (back.authority, back.valid_from) == (person.authority, person.valid_from)
        assert back.valid_until != validity_end(person.birth_date, person.valid_from)
        assert back.valid_until is None or back.valid_until > TODAY


def test_another_face_takes_the_selfie(holders: Holders, fonts: Fonts) -> None:
    case = build("other_face", holders, fonts)
    assert np.array_equal(case.selfie, holders[1].selfie)


def test_a_true_case_has_no_fault(holders: Holders, fonts: Fonts) -> None:
    person = sample_person()
    case = true_case(person, holders[0], fonts, "photo", np.random.default_rng(1))
    assert case.fault is None
    assert likeness(case.front, draw_front(person, holders[0].portrait, fonts)) > 0.9
    assert likeness(case.back, draw_back(person, fonts)) > 0.9
    assert np.array_equal(case.selfie, holders[0].selfie)


def test_the_sample_case_is_always_the_same() -> None:
    assert sample_case(ASSETS).files() == sample_case(ASSETS).files()


@pytest.mark.parametrize("fault", ["selfie_on_phone", "selfie_on_screen", "selfie_printed", "portrait_as_selfie"])
def test_only_the_selfie_is_false(fault: str, holders: Holders, fonts: Fonts) -> None:
    case, true = build(fault, holders, fonts), build("other_face", holders, fonts)
    assert case.front.pixels.shape == true.front.pixels.shape
    assert case.selfie.shape != holders[0].selfie.shape or np.any(case.selfie != holders[0].selfie)
