"""Plots as SVG text. Equal values give equal bytes: no dates, fixed ids, and text stays text."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

FAKE, REAL, INK = "#d1495b", "#30638e", "#333333"
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "cyclorama",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
}
NUM_BINS = 24


def histogram(title: str, fake: Sequence[float], real: Sequence[float] = (), *, of: str = "pictures") -> str:
    """How the values of one metric are spread over the evaluated pictures, and over the real ones, if any, behind."""
    with matplotlib.rc_context(STYLE):
        figure, axes = _axes(title)
        both = np.concatenate([fake, real])
        ends = np.quantile(both, [0.005, 0.995])
        bins = np.linspace(ends[0], max(ends[1], ends[0] + 1e-9), NUM_BINS + 1)
        shown = [("real", real, REAL)] if len(real) else []
        for label, values, colour in [*shown, ("evaluated", fake, FAKE)]:
            shares = np.ones(len(values)) / max(len(values), 1)
            axes.hist(np.clip(values, bins[0], bins[-1]), bins, weights=shares, color=colour, alpha=0.6, label=label)
        axes.set_ylabel(f"share of {of}")
        axes.legend(frameon=False)
        return _svg(figure)


def curve(
    title: str,
    points: Sequence[tuple[int, float]],
    *,
    of: str = "pictures",
    floor: float | None = None,
    limit: float | None = None,
) -> str:
    """A distance of two sets against the number of pictures, with the floor and the extrapolated value."""
    with matplotlib.rc_context(STYLE):
        figure, axes = _axes(title)
        numbers, values = zip(*points, strict=True)
        axes.plot(numbers, values, "o-", color=FAKE, label="evaluated against real")
        if floor is not None:
            axes.axhline(floor, color=REAL, linestyle="--", label="real against real, half of each")
        if limit is not None:
            axes.axhline(limit, color=FAKE, linestyle=":", label="extrapolated to infinitely many")
        axes.set_xlabel(of)
        axes.set_ylim(bottom=min(0.0, *values, floor or 0.0, limit or 0.0))
        axes.legend(frameon=False)
        return _svg(figure)


def _axes(title: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(3.6, 2.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=INK, parse_math=False)
    return figure, axes


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return text.getvalue().partition("<svg")[1] + text.getvalue().partition("<svg")[2]
