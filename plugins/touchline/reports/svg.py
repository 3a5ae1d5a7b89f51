"""Charts to SVG that a page takes in: no ids that collide, colours from the page's style sheet."""

import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

FONT = (
    "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "sans-serif"
)

RUN = "\u241f"
"""The name of a mark that runs through all points of a chart, as a line does."""

LABEL = "\u241c"
"""The name of a mark that stands for a whole row."""

_ROW = "\u241d"

_NAME = re.compile(r' aria-label="([^"]*)"(?= role="graphics-symbol")')
_NOISE = re.compile(r' (?:role|aria-[a-z]+|pointer-events|class|xmlns(?::xlink)?|version)="[^"]*"')
_EMPTY = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>')
_ID = re.compile(r'(?<= id=")[^"]+(?=")')


def to_svg(chart: Any, prefix: str) -> str:
    """The chart as an SVG element. Same chart, same bytes; every id begins with `prefix`.

    A mark that the chart describes bears its name as `data-mark`.
    """
    svg = vl_convert.vegalite_to_svg(_themed(chart).to_dict(validate=False))
    svg = _EMPTY.sub("", _NOISE.sub("", _NAME.sub(r' data-mark="\1"', svg)))
    # Vega numbers its ids over the life of the process.
    for number, name in enumerate(dict.fromkeys(_ID.findall(svg))):
        svg = svg.replace(f'id="{name}"', f'id="{prefix}-{number}"')
        svg = svg.replace(f"url(#{name})", f"url(#{prefix}-{number})")
    svg = svg.replace(f' font-family="{FONT}"', "")
    return svg.replace("<svg", f'<svg aria-hidden="true" focusable="false" font-family="{FONT}"', 1)


def _themed(chart: Any) -> Any:
    """One look for all charts; colours are custom properties: light, dark and print share one drawing."""
    return (
        chart.configure(
            background="transparent",
            aria=False,
            font=FONT,
            padding={"left": 0, "right": 4, "top": 4, "bottom": 2},
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--muted)",
            titleColor="var(--muted)",
            titleFontWeight="normal",
            titleFontSize=12,
            labelFontSize=12,
            gridColor="var(--line)",
            domainColor="var(--rule)",
            tickColor="var(--rule)",
            labelPadding=6,
            titlePadding=10,
        )
        .configure_axisY(domain=False, ticks=False)
        .configure_axisX(grid=False, tickSize=4)
        .configure_header(labelColor="var(--ink)", labelFontSize=12, title=None)
        .configure_text(font=FONT, fontSize=12, color="var(--ink)")
    )


def in_row(row: str, name: str) -> str:
    """What a chart calls a mark that shares its row with others."""
    return f"{row}{_ROW}{name}"


def row_of(called: str) -> tuple[str, str]:
    """The row and the name of a mark; a mark that shares its row with none is called by its name alone."""
    row, _separator, name = called.rpartition(_ROW)
    return row or name, name


def data(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Rows as a chart takes them; dates are ISO text."""
    return alt.InlineData(values=list(rows))
