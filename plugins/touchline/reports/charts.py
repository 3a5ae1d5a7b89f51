"""The chart forms of the site. Each takes plain rows and a width in pixels; texts in rows are data, never code."""

import re
import textwrap
from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

import altair as alt

from touchline.reports.axes import NARROW, REFERENCE, SERIES, Rows, number_axis, share_axis, time_axis
from touchline.reports.panels import PITCH, curves, histograms, sparks
from touchline.reports.svg import LABEL, RUN, data, in_row

__all__ = ["curves", "dots", "grid", "histograms", "row_height", "shade", "sparks", "thresholds", "trend"]

SHADES = 7
"""Steps of the one-hue scale: --q1 (least) to --q7."""

_UNITS = re.compile(r"[\u2e80-\uffef][，。：；、）]*|[^\s\u2e80-\uffef]+\s*|\s+")  # noqa: RUF001
"""What a line may not break within: a Chinese character with the marks after it, or a word."""

ROW = 46
"""Height of a row of dots; the script of the filters closes the gap that a hidden row leaves."""

CELL = 28
"""Height of a row of cells."""


def trend(rows: Rows, width: int, *, label: str, step: str, is_share: bool = True, reference: Rows = ()) -> Any:
    """A line over time: `value` at day `x`, `lower` to `upper` as a band; a point without value is a gap.

    Shares take the range they need; an index stands on its whole scale from 0 to 1. The `reference` is a grey line.
    """
    base = alt.Chart()
    x = alt.X("x:T", title=None, scale=alt.Scale(type="utc"), axis=time_axis(step, width))
    scale = alt.Scale(zero=False, nice=5) if is_share else alt.Scale(domain=[0, 1])
    axis = share_axis() if is_share else number_axis()
    y = alt.Y("value:Q", title=None, scale=scale, axis=axis)
    size = 26 if len(rows) <= 40 else 8
    low = alt.Y("lower:Q", title=None, scale=scale, axis=axis)
    run: Any = alt.value(RUN)
    band = base.mark_area(color=SERIES, opacity=0.18, aria=True).encode(x=x, y=low, y2="upper:Q", description=run)
    line = base.mark_line(color=SERIES, strokeWidth=2, strokeJoin="round", aria=True).encode(x=x, y=y, description=run)
    points = base.mark_circle(color=SERIES, opacity=1, size=size, aria=True).encode(x=x, y=y, description="name:N")
    title = {
        "text": label,
        "anchor": "start",
        "color": "var(--muted)",
        "fontSize": 12,
        "fontWeight": "normal",
    }
    height = 230 if width > NARROW else 190
    named = data([row | {"name": row["x"]} for row in rows])
    layers = [band, line, points]
    if reference:
        other: Any = alt.Chart(data(reference)).mark_line(color=REFERENCE, strokeWidth=1, aria=True)
        layers.insert(1, other.encode(x=x, y=y, description=run))
    return _fit(alt.layer(*layers, data=named), width, height).properties(title=title)


def dots(rows: Rows, width: int, *, is_share: bool = True, has_bars: bool = False) -> Any:
    """One row a label (name, line feed, detail): `value` as a dot or bar, its interval, its `text` above.

    Filters know a row by the name, or by `name` where the label does not hold what the table does.
    """
    is_narrow = width <= NARROW
    column, letters = (118, 18) if is_narrow else (232, 36)
    base = alt.Chart()
    named = [{"name": row["label"].split("\n")[0]} | row | {"row": number} for number, row in enumerate(rows)]
    lines = [row | {"label": _fitted(row["label"], letters)} for row in named]
    fitted = data([row | {"lines": len(row["label"].split("\n"))} for row in lines])
    y = alt.Y("row:O", sort=None, title=None, axis=None)
    # Labels are marks of ours: those of an axis do not say which row they are of. Long ones begin higher.
    labels = [
        base.transform_filter(condition)
        .mark_text(align="left", dy=above, lineBreak="\n", limit=column - 6, aria=True)
        .encode(y=y, x=alt.value(-column), text="label:N", description="name:N")
        for condition, above in (("datum.lines < 3", -6), ("datum.lines > 2", -13))
    ]
    ticks = 3 if is_narrow else 5
    if has_bars:
        scale = alt.Scale(domain=[0, 1]) if is_share else alt.Scale(zero=True, nice=True)
    else:
        scale = alt.Scale(zero=False, nice=True, padding=22)
    x = alt.X("value:Q", title=None, scale=scale, axis=share_axis(ticks) if is_share else number_axis(ticks))
    rule = base.mark_rule(color=SERIES, strokeWidth=2, opacity=0.55, aria=True).encode(
        y=y, x="lower:Q", x2="upper:Q", description="name:N"
    )
    point = base.mark_point(color=SERIES, filled=True, opacity=1, size=64, aria=True).encode(
        y=y, x=x, description="name:N"
    )
    # Beside a bar the text begins where the bar does, so that it is never cut off.
    at: Any = alt.value(0) if has_bars else x
    text = base.mark_text(dy=-13, fontWeight="bold", align="left" if has_bars else "center", aria=True).encode(
        y=y, x=at, text="text:N", description="name:N"
    )
    bar = base.mark_bar(color=SERIES, opacity=0.22, height=12, aria=True).encode(y=y, x=x, description="name:N")
    layers = [*([bar] if has_bars else []), rule, point, text, *labels]
    return alt.layer(*layers, data=fitted).properties(width=width - column - 16, height=ROW * len(rows))


def grid(rows: Rows, width: int, *, x_title: str = "", every: int = 1, has_texts: bool = True) -> Any:
    """Cells `x` by `y` in the `shade` of each (1 to SHADES, 0: none), its `text` within.

    Filters know a cell by its row `y`, or by `name` where that does not hold what the table does.
    """
    is_narrow = width <= NARROW
    widest = max(_letters(row["y"]) for row in rows)
    column = min(118 if is_narrow else 208, 7 * widest + 14)
    base = alt.Chart()
    filled = data([row | _fill(row["shade"]) | {"mark": in_row(row["y"], row.get("name") or row["y"])} for row in rows])
    shown = _every([row["x"] for row in rows], every * 2 if is_narrow else every)
    visible = f"indexof({shown}, datum.label) >= 0 ? datum.label : ''"
    axis = alt.Axis(labelAngle=0, labelExpr=visible, ticks=False, labelOverlap="greedy", labelSeparation=12)
    x = alt.X("x:O", sort=None, title=x_title or None, axis=axis)
    y = alt.Y("y:O", sort=None, title=None, axis=None)
    cells = base.mark_rect(stroke="var(--paper)", strokeWidth=1.5, aria=True).encode(
        x=x, y=y, color=alt.Color("fill:N", scale=None), description="mark:N"
    )
    texts = base.mark_text(fontSize=9 if is_narrow else 11, aria=True).encode(
        x=x, y=y, text="text:N", color=alt.Color("ink:N", scale=None), description="mark:N"
    )
    names = dict.fromkeys(row["y"] for row in rows)
    # Labels are marks of ours: those of an axis do not say which row they are of.
    labels = alt.Chart(data([{"y": name, "mark": in_row(name, LABEL)} for name in names])).mark_text(
        align="left", limit=column - 8, aria=True
    )
    label = labels.encode(x=alt.value(-column), y=y, text="y:N", description="mark:N")
    layers = [cells, *([texts] if has_texts else []), label]
    return alt.layer(*layers, data=filled).properties(width=width - column - 8, height=CELL * len(names))


def row_height(draw: Any) -> int:
    """Height of a row of the chart that `draw` (a partial) makes; 0 where its marks do not stand in rows."""
    heights: dict[Any, int] = {dots: ROW, grid: CELL, sparks: PITCH}
    return heights.get(getattr(draw, "func", None), 0)


def shade(value: float, thresholds: Sequence[float]) -> int:
    """Which of the SHADES a value takes: one more than the thresholds it reaches."""
    return 1 + sum(value >= threshold for threshold in thresholds)


def thresholds(greatest: float) -> list[float]:
    """Even steps from zero to the greatest value, one fewer than SHADES."""
    return [greatest * step / SHADES for step in range(1, SHADES)]


def _every(values: Sequence[str], n: int) -> list[str]:
    """Every n-th value: of numbers those that n divides."""
    distinct = list(dict.fromkeys(values))
    if all(value.isdecimal() for value in distinct):
        return [value for value in distinct if int(value) % n == 0]
    return distinct[::n]


def _fill(step: int) -> dict[str, str]:
    if not step:
        return {"fill": "var(--q0)", "ink": "var(--muted)"}
    return {"fill": f"var(--q{step})", "ink": f"var(--q{step}-ink)"}


def _fit(chart: Any, width: int, height: int) -> Any:
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    return chart.properties(width=width, height=height, autosize=autosize)


def _fitted(label: str, letters: int) -> str:
    """Name and detail in the label column, three lines at most: the table has what is cut off."""
    name, *details = label.split("\n")
    lines = _lines(name, letters, 2)
    for detail in details:
        lines += _lines(detail, letters, max(1, 3 - len(lines)))
    return "\n".join(lines)


def _lines(text: str, letters: int, most: int) -> list[str]:
    """A text broken between words, or between Chinese characters, each as wide as two letters."""
    if _letters(text) == len(text):
        return textwrap.wrap(text, letters, max_lines=most, placeholder="…") or [""]
    lines = [""]
    for unit in _UNITS.findall(text):
        if _letters(lines[-1] + unit.rstrip()) > letters and lines[-1]:
            if len(lines) == most:
                return [*lines[:-1], f"{lines[-1].rstrip()}…"]
            lines.append("")
        lines[-1] += unit
    return [line.strip() for line in lines]


def _letters(text: str) -> int:
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)
