"""Small multiples: a panel for each value, drawn by itself, so that a filter takes a panel away with its axes."""

from collections.abc import Callable
from typing import Any

import altair as alt

from touchline.reports.axes import NARROW, REFERENCE, SERIES, Rows, share_axis, time_axis
from touchline.reports.svg import data

GAP = 24
"""Between two panels beside each other; the style sheet keeps it."""

PITCH, SPARK = 66, 40
"""Height of a row of sparks, and of the area in it."""


def curves(rows: Rows, width: int, *, x_title: str, columns: int = 3, is_step: bool = True) -> list[Any]:
    """Shares from 0 to 1 (panel, order, x, value, lower, upper), `reference` curves in grey."""
    shape: Any = "step-after" if is_step else "linear"
    x = alt.X("x:Q", title=x_title, axis=alt.Axis(grid=False, tickCount=5, tickMinStep=1, format="d"))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=share_axis(4))

    def panel(own: Rows) -> Any:
        base = alt.Chart()
        main, other = base.transform_filter("!datum.reference"), base.transform_filter("datum.reference")
        band = main.mark_area(color=SERIES, opacity=0.18, interpolate=shape, aria=True)
        grey = other.mark_line(color=REFERENCE, strokeWidth=1, interpolate=shape, aria=True)
        line = main.mark_line(color=SERIES, strokeWidth=2, interpolate=shape, aria=True)
        return alt.layer(
            band.encode(x=x, y="lower:Q", y2="upper:Q", description="panel:N"),
            grey.encode(x=x, y=y, description="panel:N"),
            line.encode(x=x, y=y, description="panel:N"),
            data=data(own),
        )

    return _beside(rows, width, columns, 150, panel)


def histograms(rows: Rows, width: int, *, x_title: str, columns: int = 3) -> list[Any]:
    """Shares by score (panel, order, x, value), the `pooled` share as a tick on each bar, all on one scale."""
    greatest = max((row[name] or 0 for row in rows for name in ("value", "pooled")), default=1)
    x = alt.X("x:O", title=x_title, sort=None, axis=alt.Axis(labelAngle=0, ticks=False))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, greatest], nice=True), axis=share_axis(3))

    def panel(own: Rows) -> Any:
        base = alt.Chart()
        bars = base.mark_bar(color=SERIES, opacity=0.75, aria=True).encode(x=x, y=y, description="panel:N")
        tick = base.mark_tick(color="var(--ink)", thickness=2, aria=True)
        return alt.layer(bars, tick.encode(x=x, y="pooled:Q", description="panel:N"), data=data(own))

    return _beside(rows, width, columns, 120, panel)


def _beside(rows: Rows, width: int, columns: int, height: int, panel: Callable[[Rows], Any]) -> list[Any]:
    """A drawing a panel, in their order, each as wide as its share of the row."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["order"]):
        groups.setdefault(row["panel"], []).append(row)
    shown = min(columns if width > NARROW else 1, len(groups) or 1)
    own_width = (width - GAP * (shown - 1)) // shown
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    return [
        panel(own).properties(
            width=own_width,
            height=height,
            autosize=fit,
            title={"text": name, "anchor": "start", "fontSize": 12, "color": "var(--ink)", "limit": own_width},
        )
        for name, own in groups.items()
    ]


def sparks(rows: Rows, width: int, *, step: str) -> Any:
    """One thin area a panel over a common time line and a common scale."""
    order = {row["panel"]: row["order"] for row in rows}
    names = sorted(order, key=lambda name: order[name])
    greatest = max((row["value"] or 0 for row in rows), default=0) or 1
    placed = [row | _on_its_row(names.index(row["panel"]), (row["value"] or 0) / greatest) for row in rows]
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[0, PITCH * len(names)], reverse=True, nice=False))
    x = alt.X("x:T", title=None, scale=alt.Scale(type="utc"), axis=time_axis(step, width))
    base = alt.Chart(data(placed))
    area = base.mark_area(color=SERIES, opacity=0.25, aria=True)
    line = base.mark_line(color=SERIES, strokeWidth=1.5, aria=True)
    headed = [{"panel": name, "top": PITCH * number + 12} for number, name in enumerate(names)]
    head = alt.Chart(data(headed)).mark_text(align="left", fontWeight="bold", limit=width - 8, aria=True)
    return alt.layer(
        area.encode(x=x, y=y, y2="base:Q", detail="panel:N", description="panel:N"),
        line.encode(x=x, y=y, detail="panel:N", description="panel:N"),
        head.encode(x=alt.value(0), y=y, text="panel:N", description="panel:N"),
    ).properties(width=width - 8, height=PITCH * len(names))


def _on_its_row(number: int, part: float) -> dict[str, float]:
    """Where a value stands, in pixels from the top of the chart."""
    base = PITCH * (number + 1) - 2
    return {"base": base, "top": base - SPARK * part}
