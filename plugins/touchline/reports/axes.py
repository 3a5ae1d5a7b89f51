"""What all charts share: their axes, their colours, and from which width on they are drawn for a phone."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from touchline.reports.words import _

Rows = Sequence[dict[str, Any]]

NARROW = 480
"""Charts up to this width are drawn for a phone."""

SERIES = "var(--s1)"
REFERENCE = "var(--muted)"


def share_axis(ticks: int = 5) -> alt.Axis:
    """Percent."""
    # As many decimals as the ticks need: with none, 50.5 % would read 51 %.
    return alt.Axis(format=".4~%", grid=True, tickCount=ticks)


def number_axis(ticks: int = 5) -> alt.Axis:
    """Plain numbers."""
    return alt.Axis(format=",~f", grid=True, tickCount=ticks)


def time_axis(step: str, width: int) -> alt.Axis:
    """Months, or days where the step is shorter."""
    pattern = _("%b %Y") if step == "month" else _("%-d %b %y")
    return alt.Axis(format=pattern, tickCount=6 if width > NARROW else 3, labelOverlap="greedy", labelSeparation=14)
