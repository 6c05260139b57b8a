"""DET plot and score histograms as SVG. Pure: numpy and text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from service.faces.trials import Trials

_WIDTH, _HEIGHT, _EDGE = 640, 440, 60
_DECADES = (-5.0, 0.0)
"""Powers of ten on both axes of the DET plot."""
_BINS = np.linspace(-0.4, 1.0, 71)


def det(trials: Trials) -> str:
    """False non-match rate over false match rate, both logarithmic; one line per group."""
    parts = [("all", trials), *((name, trials.of(name)) for name in trials.group_names())]
    body = [_axes("false match rate", "false non-match rate", [f"1e{p:.0f}" for p in np.arange(-5, 1)])]
    for number, (name, part) in enumerate(parts):
        nonmated, mated = part.nonmated(), np.sort(part.similarities[part.mated])
        if not nonmated.size or not mated.size:
            continue
        limits = np.unique(np.concatenate([np.linspace(-0.2, 1.0, 241), nonmated[-200:]]))
        fmr = 1 - np.searchsorted(nonmated, limits) / nonmated.size
        fnmr = np.searchsorted(mated, limits) / mated.size
        shown = (fmr > 0) & (fnmr > 0)
        body.append(_line(_log(fmr[shown]), _log(fnmr[shown]), number, name))
    return _document(body)


def histograms(trials: Trials) -> str:
    """Share of the non-mated and of the mated pairs per step of similarity."""
    body = [_axes("similarity", "share of pairs", [f"{value:.1f}" for value in np.linspace(-0.4, 1.0, 8)])]
    for number, (name, scores) in enumerate((("non-mated", ~trials.mated), ("mated", trials.mated))):
        counts, _ = np.histogram(trials.similarities[scores], _BINS)
        share = counts / max(int(counts.max(initial=1)), 1)
        body.append(_line((_BINS[:-1] + 0.4) / 1.4, share, number, name))
    return _document(body)


def _log(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = _DECADES
    return (np.clip(np.log10(rates), low, high) - low) / (high - low)


def _line(across: NDArray[np.float64], up: NDArray[np.float64], number: int, name: str) -> str:
    colour = f"hsl({(number * 137) % 360},70%,40%)"
    points = " ".join(f"{_x(float(x)):.1f},{_y(float(y)):.1f}" for x, y in zip(across, up, strict=True))
    label = f'<text x="{_WIDTH - 190}" y="{_EDGE + 16 * number}" fill="{colour}">{_escaped(name)}</text>'
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>{label}'


def _axes(across: str, up: str, ticks: list[str]) -> str:
    lines = [f'<path d="M{_EDGE},{_EDGE / 2} V{_HEIGHT - _EDGE} H{_WIDTH - 20}" fill="none" stroke="#888"/>']
    for place, tick in zip(np.linspace(0, 1, len(ticks)), ticks, strict=True):
        lines.append(f'<text x="{_x(float(place)):.0f}" y="{_HEIGHT - _EDGE + 18}" text-anchor="middle">{tick}</text>')
        if tick.startswith("1e"):
            lines.append(f'<text x="{_EDGE - 6}" y="{_y(float(place)) + 4:.0f}" text-anchor="end">{tick}</text>')
    lines.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 16}" text-anchor="middle">{across}</text>')
    lines.append(f'<text x="14" y="{_HEIGHT / 2}" transform="rotate(-90 14 {_HEIGHT / 2})">{up}</text>')
    return "".join(lines)


def _x(share: float) -> float:
    return _EDGE + share * (_WIDTH - _EDGE - 20)


def _y(share: float) -> float:
    return _HEIGHT - _EDGE - share * (_HEIGHT - 1.5 * _EDGE)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _document(body: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif"'
    return f'{head} font-size="12">{"".join(body)}</svg>\n'
