"""Counting alerts: what is caught, what good pictures raise."""

from __future__ import annotations

from typing import Any

from service.specimens.alarms import sight, table


def row(defect: str, level: int, field: str = "") -> dict[str, str]:
    known = {"name": "王小明", "fields": '{"name": "王小明"}'}
    return {"file": "a.jpg", "defect": defect, "level": str(level), "side": "front", "field": field, **known}


def said(*alerts: tuple[str, str, str], name: str = "王小明") -> dict[str, Any]:
    raised = [{"code": code, "severity": severity, "field": field} for code, severity, field in alerts]
    return {"alerts": raised, "fields": {"name": {"value": name}}}


def test_a_defect_is_caught_by_its_own_code() -> None:
    seen = sight(row("occluded", 2, "name"), said(("occluded", "blocking", "name"), ("edited", "hint", "sex")))
    assert seen.caught
    assert seen.stopped
    assert seen.alerts["occluded"] == {"name"}
    assert seen.blocking == {"occluded"}
    assert not sight(row("blurred", 2), said(("occluded", "blocking", "name"))).caught


def test_a_colour_copy_counts_as_a_copy_on_paper() -> None:
    assert sight(row("colour_photocopy", 2), said(("paper_copy", "warning", ""))).caught


def test_a_hint_does_not_stop_and_a_wrong_name_is_noticed() -> None:
    seen = sight(row("edited", 3, "number"), said(("edited", "hint", "number"), name="王小朋"))
    assert not seen.stopped
    assert seen.name_wrong
    assert not seen.right
    assert sight(row("good", 0), said()).right
    unread = sight(row("blurred", 3), {"alerts": [], "fields": {}})
    assert not unread.name_wrong


def test_a_refused_file_is_stopped() -> None:
    assert sight(row("blurred", 3), {"error": {"code": "picture_corrupt"}}).stopped


def test_the_table_counts_levels_apart_and_false_alarms_on_good_pictures() -> None:
    seen = [
        sight(row("photocopy", 1), said()),
        sight(row("photocopy", 2), said(("photocopy", "blocking", ""))),
        sight(row("photocopy", 3), said(("photocopy", "blocking", ""))),
        sight(row("good", 0), said(("photocopy", "blocking", ""))),
        sight(row("good", 0), said()),
    ]
    text = table(seen)
    (line,) = [one for one in text.splitlines() if one.startswith("| `photocopy`")]
    cells = [cell.strip().split(" ")[0] for cell in line.strip("|").split("|")]
    assert cells == ["`photocopy`", "0/1", "2/2", "2/2", "", "1/2", "2/3"]
    assert "Good pictures without a blocking alert: 1/2" in text
