"""From an operator's own labelled faces to a signed calibration of the face weight, with plots and tables beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from service.batch.labelled import Labelled
from service.faces import plots
from service.faces.calibration import signed
from service.faces.rates import Rate
from service.faces.trials import RATES, Threshold, Trials, confused, curve, people_intervals, threshold_for

_DRAWS = 200
_CONFUSED = 20


def calibrate(data: Labelled, model_sha256: str, *, seed: int, day: str) -> dict[str, Any]:
    """The table of a calibration file. Rates that the pairs do not support have `threshold` null and `pairs_needed`."""
    trials = data.trials
    parts = [trials, *(trials.of(name) for name in trials.group_names())]
    return {
        "model_sha256": model_sha256,
        "made_on": day,
        "seed": seed,
        "rule": "lowest threshold whose false match rate is within max_fmr by the upper bound of its 95 % interval, "
        "in the strictest group that has pairs enough",
        "people": len(data.people),
        "pictures": data.pictures,
        "pictures_without_face": data.without_face,
        "rates": [_row(trials, threshold_for(trials, wish), seed) for wish in RATES],
        "groups": [_group(name, trials.of(name)) for name in trials.group_names()],
        "curve": curve(parts),
        "most_confused": confused(trials, data.people, _CONFUSED),
    }


def write(folder: Path, data: Labelled, table: dict[str, Any], key: bytes) -> None:
    """`calibration.json` (signed), `det.svg`, `histogram.svg`."""
    (folder / "calibration.json").write_text(signed(table, key), encoding="utf-8")
    (folder / "det.svg").write_text(plots.det(data.trials), encoding="utf-8")
    (folder / "histogram.svg").write_text(plots.histograms(data.trials), encoding="utf-8")


def lines(table: dict[str, Any]) -> list[str]:
    """The table to read."""
    said = [f"{table['people']} people, {table['pictures']} pictures, without a face: {table['pictures_without_face']}"]
    for row in table["rates"]:
        wish = f"FMR {row['max_fmr']:g}"
        if row["threshold"] is None:
            said.append(f"{wish}: not supported by {row['nonmated_pairs']} pairs, {row['pairs_needed']} are needed")
            continue
        low, high = row["threshold_interval_95_people"]
        said.append(
            f"{wish}: threshold {row['threshold']:.4f} [{low:.4f}, {high:.4f}] by people, "
            f"from {row['strictest_group']}; false matches there {Rate(row['false_matches'], row['nonmated_pairs'])}; "
            f"FNMR {Rate(row['false_nonmatches'], row['mated_pairs'])}"
        )
    for group in table["groups"]:
        rates = ", ".join(f"{one['max_fmr']:g}: {one['threshold'] or '-'}" for one in group["rates"])
        said.append(f"group {group['name']}: {group['nonmated_pairs']} pairs, thresholds {rates}")
    return said


def _row(trials: Trials, found: Threshold, seed: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "max_fmr": found.max_fmr,
        "threshold": found.threshold,
        "nonmated_pairs": found.false_matches.n,
        "pairs_needed": found.pairs_needed,
    }
    if found.threshold is None:
        return row
    part = trials if found.group == "all" else trials.of(found.group)
    limits, _ = people_intervals(part, found.max_fmr, found.threshold, _DRAWS, seed)
    _, misses = people_intervals(trials, found.max_fmr, found.threshold, _DRAWS, seed)
    missed = trials.missed(found.threshold)
    return row | {
        "strictest_group": found.group,
        "false_matches": found.false_matches.k,
        "interval_95": _rounded(found.false_matches.interval),
        "threshold_interval_95_people": limits,
        "false_nonmatches": missed.k,
        "mated_pairs": missed.n,
        "fnmr_interval_95": _rounded(missed.interval) if missed.n else [0.0, 1.0],
        "fnmr_interval_95_people": misses,
    }


def _group(name: str, trials: Trials) -> dict[str, Any]:
    found = [threshold_for(Trials(trials.similarities, trials.first, trials.second, trials.groups), r) for r in RATES]
    return {
        "name": name,
        "nonmated_pairs": trials.matched(2.0).n,
        "mated_pairs": trials.missed(2.0).n,
        "rates": [{"max_fmr": one.max_fmr, "threshold": one.threshold} for one in found],
    }


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [float(f"{value:.3g}") for value in interval]
