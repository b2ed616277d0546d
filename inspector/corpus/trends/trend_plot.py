"""What changed, as a picture: for each number a row with both sets, and the interval of each.

matplotlib draws it, without a display. The colours are two of those of Okabe and Ito, which people who see no
red or no green can tell apart; the marks differ in shape, too. What did not change beyond chance is pale.
Shares are drawn by their odds: from 99 % to 98 % is as far as from 1 % to 2 %, for as much has changed.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from typing import Any

from inspector.corpus.trends.trend_lines import Compared, Trends
from inspector.corpus.trends.trend_texts import change_text, facts_text, label, letter, result_text
from inspector.errors import RecordingError, UsageError
from inspector.escaping import escape
from inspector.redact import mask_text

__all__ = ["plot"]

_PANELS = {
    "share": "share of recordings, %",
    "time": "seconds",
    "tokens": "tokens",
    "rate": "tokens per second",
}
_COLOURS = ("#0072B2", "#D55E00")
_SHAPES = ("o", "s")
_PALE = 0.35
_MOST = 40  # rows of a panel
_LABEL = 44  # characters
_TICKS = (0, 100, 1, 99, 10, 90, 50, 0.1, 99.9, 0.01, 99.99, 0.001, 99.999, 0.0001, 3, 97, 30, 70)
"""Percents that may stand at an axis of shares; the first ones stay if there is no place for all."""
_NUMBER = "{x:,.12g}"  # no `1e+06`, and no rounding error of a tick
_WIDTH, _ROW, _AROUND = 9.0, 0.27, 0.75  # inches
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "svg.fonttype": "none",  # texts stay texts: they can be searched, and copied
    "svg.hashsalt": "inspector",  # the same picture is the same file
    "text.parse_math": False,  # a `$` in a name is a `$`
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


def plot(trends: Trends, form: str, *, everything: bool) -> bytes:
    """Return a picture of what changed between two sets, as `svg`, `png` or `pdf`.

    If nothing did, or with `everything`, it has the numbers that did not change, too. Raises `UsageError`
    for any other count of sets, and without a number to draw; `RecordingError` without matplotlib.
    """
    if len(trends.sets) != 2:
        raise UsageError(f"a plot compares two sets; there are {len(trends.sets)}")
    lines = trends.lines if everything else trends.changed or trends.lines
    panels = {kind: [line for line in lines if _panel(line) == kind and line.change] for kind in _PANELS}
    panels = {kind: rows[:_MOST] for kind, rows in panels.items() if rows}
    if not panels:
        raise UsageError("there is no number to draw: a set has no recordings")
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise RecordingError('A plot needs matplotlib: pip install "sse-inspector[plot]"') from None
    out = io.BytesIO()
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # A character that no font of this machine has is drawn as a box. In SVG the reader's fonts draw it.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        heights = [len(rows) * _ROW + _AROUND for rows in panels.values()]
        figure = Figure(figsize=(_WIDTH, sum(heights) + 1.0), layout="constrained", facecolor="white")
        drawn = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for axes, (kind, rows) in zip(drawn, panels.items(), strict=True):
            _draw(axes, kind, rows, by=trends.by is not None)
        rows_drawn = sum(map(len, panels.values()))
        _caption(figure, trends, left_out=sum(each.change is not None for each in lines) - rows_drawn)
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
        figure.savefig(out, format=form, dpi=150, metadata=metadata)
    return out.getvalue()


def _panel(line: Compared) -> str:
    return line.kind if line.part else "share"


def _draw(axes: Any, kind: str, rows: Sequence[Compared], *, by: bool) -> None:
    """Draw the rows of one panel, the first at the top."""
    percent = 100 if kind == "share" else 1
    for y, line in enumerate(rows):
        alpha = 1.0 if line.changed else _PALE
        values = [percent * side.interval.value for side in line.sides if side.interval]
        places = [y - 0.13, y + 0.13]
        axes.plot(values, places, color="#999999", linewidth=0.8, alpha=alpha, zorder=1)
        for side, place, colour, shape in zip(line.sides, places, _COLOURS, _SHAPES, strict=True):
            assert side.interval is not None
            value, low, high = (percent * each for each in side.interval)
            # An end that is not known is not drawn.
            ends = [
                [value - low] if math.isfinite(low) else [0],
                [high - value] if math.isfinite(high) else [0],
            ]
            look = {"color": colour, "alpha": alpha, "markersize": 4.5, "linewidth": 1.4}
            axes.errorbar(value, place, xerr=ends, fmt=shape, **look)
        right = axes.get_yaxis_transform()
        axes.text(1.01, y, change_text(line), transform=right, va="center", alpha=alpha)
    names = [f"{line.group} · {label(line)}" if by else label(line) for line in rows]
    axes.set_yticks(range(len(rows)), [_shown(name, _LABEL) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(_PANELS[kind])
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if kind == "share":
        _scale_shares(axes, rows)
    else:
        _scale(axes, rows)


def _scale_shares(axes: Any, rows: Sequence[Compared]) -> None:
    import numpy

    # Half a recording keeps 0 % and 100 % at a distance that can be drawn.
    half = 50 / max(side.of for line in rows for side in line.sides)
    ends = _ends(rows, 100)

    def odds(percent: Any) -> Any:
        percent = numpy.clip(percent, -0.999 * half, 100 + 0.999 * half)
        return numpy.log((percent + half) / (100 - percent + half))

    def percent_of(odds: Any) -> Any:
        return (numpy.exp(odds) * (100 + half) - half) / (1 + numpy.exp(odds))

    axes.set_xscale("function", functions=(odds, percent_of))
    low, high = odds(min(ends)), odds(max(ends))
    margin = 0.04 * (high - low) or 1.0
    axes.set_xlim(*percent_of(numpy.array([low - margin, high + margin])))
    ticks: list[float] = []
    for tick in _TICKS:
        place = odds(tick)
        if low <= place <= high and all(abs(place - odds(other)) > margin for other in ticks):
            ticks.append(tick)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)


def _scale(axes: Any, rows: Sequence[Compared]) -> None:
    """Let equal ratios be equally long, if that helps; zero has a place left of the smallest value."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ends = _ends(rows, 1)
    positive = [each for each in ends if each > 0]
    if not positive or max(positive) < 20 * min(positive):
        axes.xaxis.set_major_formatter(_NUMBER)
        return
    if min(ends) > 0:
        axes.set_xscale("log")
        few_decades = max(ends) < 300 * min(ends)  # beyond, labels of large numbers have no place for 2 and 5
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few_decades else (1,)))
    else:
        smallest = 10 ** math.floor(math.log10(min(positive)))
        axes.set_xscale("symlog", linthresh=smallest, linscale=0.4)
        axes.set_xlim(left=min(*ends, -0.2 * smallest))
    axes.xaxis.set_major_formatter(_NUMBER)  # a scale brings formatters of its own
    # In a narrow range matplotlib also labels the ticks between, as TeX and over the others.
    axes.xaxis.set_minor_formatter(NullFormatter())


def _ends(rows: Sequence[Compared], factor: int) -> list[float]:
    sides = [side.interval for line in rows for side in line.sides if side.interval]
    return [factor * each for interval in sides for each in interval if math.isfinite(each)]


def _caption(figure: Any, trends: Trends, *, left_out: int) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker=shape, linewidth=1.4, markersize=5)
        for colour, shape in zip(_COLOURS, _SHAPES, strict=True)
    ]
    names = [
        f"{letter(number)}  {_shown(facts.name, _LABEL)}: {_shown(facts_text(facts))}"
        for number, facts in enumerate(trends.sets)
    ]
    figure.legend(handles, names, loc="outside upper left", frameon=False, alignment="left")
    said = result_text(trends) + (f" {left_out:,} more are not drawn." if left_out else "")
    figure.supxlabel(said, fontsize=8, x=0.01, ha="left")


def _shown(text: str, longest: int | None = None) -> str:
    """Return a text as it may be seen. The end of a long one is kept, which says more of a path."""
    text = escape(mask_text(text))
    return text if longest is None or len(text) <= longest else f"…{text[1 - longest :]}"
