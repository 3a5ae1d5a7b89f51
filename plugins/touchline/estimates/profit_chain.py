"""The service-profit chain of each brand: link after link, a month of a location against the month before."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from touchline.estimates.panel import WithinEstimate, within_estimate

LINKS = (
    ("employee", "quality"),
    ("quality", "satisfaction"),
    ("satisfaction", "loyalty"),
    ("loyalty", "revenue"),
    ("revenue", "margin"),
)
"""After Heskett, Jones, Loveman, Sasser and Schlesinger 1994; each measure is a column of the panel."""

LAG_MONTHS = 1

Panel = Mapping[tuple[str, int], Mapping[str, Any]]
"""By location and number of the month (12 a year): the measures, None where unknown."""

_MONTHS = text("""
    select brand, location_key, period_month, employee, quality, satisfaction, loyalty, revenue, margin
    from intermediate.int_location_months order by brand, location_key collate "C", period_month
""")
_KEEP = text("""
    insert into estimates.profit_chain_links values (:build_id, :brand, :link, :from_measure, :to_measure, :lag_months,
        :slope, :error, :standardised, :lower, :upper, :units, :months, :observations)
""")


def run(engine: Engine, build_id: int) -> None:
    """Estimate every link of each brand from `intermediate.int_location_months`.

    Replaces what `estimates.profit_chain_links` holds, in one transaction. A link without enough to estimate has a
    row with its observations and no figure.
    """
    with engine.begin() as connection:
        connection.execute(text("delete from estimates.profit_chain_links"))
        panels: dict[str, dict[tuple[str, int], dict[str, Any]]] = defaultdict(dict)
        for row in connection.execute(_MONTHS).mappings():
            panels[row["brand"]][row["location_key"], _number(row["period_month"])] = dict(row)
        for brand, panel in panels.items():
            for number, (cause, effect) in enumerate(LINKS, start=1):
                key = {"build_id": build_id, "brand": brand, "link": number, "lag_months": LAG_MONTHS}
                measures = {"from_measure": cause, "to_measure": effect}
                connection.execute(_KEEP, key | measures | link_estimate(panel, cause, effect))


def link_estimate(panel: Panel, cause: str, effect: str) -> dict[str, Any]:
    """One link: the effect in a month against its cause `LAG_MONTHS` before, at the same location."""
    pairs = [
        (location, month, float(earlier[cause]), float(row[effect]))
        for (location, month), row in panel.items()
        if (earlier := panel.get((location, month - LAG_MONTHS))) is not None
        and earlier[cause] is not None
        and row[effect] is not None
    ]
    names = {location: code for code, location in enumerate(sorted({pair[0] for pair in pairs}))}
    units = np.array([names[pair[0]] for pair in pairs], dtype=np.int64)
    months = np.array([pair[1] for pair in pairs], dtype=np.int64)
    causes, effects = (np.array([pair[place] for pair in pairs], dtype=np.float64) for place in (2, 3))
    estimate = within_estimate(effects, causes, units, months)
    counts = {"units": len(names), "months": len(set(months.tolist())), "observations": len(pairs)}
    return _told(estimate) | counts


def _told(estimate: WithinEstimate | None) -> dict[str, Any]:
    figures = ("slope", "error", "standardised", "lower", "upper")
    return {name: getattr(estimate, name) if estimate else None for name in figures}


def _number(month: date) -> int:
    return month.year * 12 + month.month
