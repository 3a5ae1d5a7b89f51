"""What every page is given, and the small steps all of them take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from touchline.reports import wording
from touchline.reports.content import Column, Estimate, Kind, Unit
from touchline.reports.definitions import Definitions
from touchline.reports.published import Published, Row
from touchline.reports.words import N_, _

RECENT_DAYS = 28
"""Headlines of the contact centre look at the latest four complete weeks."""

RECENT_MONTHS = 3
"""Headlines by month look at the latest three months that hold a closed window."""

MONTHS_POOLED = N_("Months are pooled by summing counts; the interval is Wilson's.")
"""How a figure over several months is made of a mart by month."""


@dataclass(frozen=True)
class Context:
    """One edition of the marts and the words that define them."""

    published: Published
    definitions: Definitions

    @property
    def brands(self) -> dict[str, datetime]:
        """Brands in the order of their names, each with its as_of."""
        return dict(self.published.edition.as_of)

    @property
    def min_cell(self) -> int:
        """Fewer observations than this publish no ratio."""
        return self.definitions.number("min_cell")

    def of(self, query: str, brand: str) -> list[Row]:
        """Rows of one brand."""
        return self.published.of(query, brand)

    def too_few(self, estimate: Estimate, noun: str) -> str:
        """Why an estimate has no value; empty when it has one."""
        if estimate.value is not None:
            return ""
        return _(
            "{n:,} {noun}: fewer than the {min_cell} a published ratio needs",
            n=estimate.n,
            noun=noun,
            min_cell=self.min_cell,
        )


def estimate_of(row: Row, value: str, n: str) -> Estimate:
    """A mart's own figure with its own interval (columns `<value>_lower` and `<value>_upper`)."""
    bounds = (number(row[value]), number(row.get(f"{value}_lower")), number(row.get(f"{value}_upper")))
    return Estimate(*bounds, int(row[n]))


def total(rows: Iterable[Row], column: str) -> int:
    """Sum of an additive column; an absent part adds nothing."""
    return sum(int(row[column] or 0) for row in rows)


def latest(rows: Iterable[Row], judged: str | None = None, month: str = "period_month") -> list[Row]:
    """Rows of the latest months that hold any (RECENT_MONTHS); with `judged`, one with that column not null or 0."""
    known = list(rows)
    months = sorted({row[month] for row in known if judged is None or row[judged]})[-RECENT_MONTHS:]
    return [row for row in known if row[month] in months]


def period_of(rows: Iterable[Row], month: str = "period_month") -> str:
    """The months that rows are of, in words."""
    months = [row[month] for row in rows]
    return wording.months(min(months), max(months))


def one_line(text: object) -> str:
    """A text from the data on one line, as a label carries it."""
    return " ".join(str(text).split())


def joined(*texts: object) -> str:
    """What filters call a row that several columns name, as two channels do."""
    return "\u241e".join(one_line(text) for text in texts)


def named(code: object) -> str:
    """A code from the data as a label carries it; what stands for all of them is said in words."""
    return _("all") if code == "all" else one_line(code)


def point(x: str, estimate: Estimate) -> dict[str, Any]:
    """A point of a time line."""
    return {"x": x, "value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}


def timeline(estimates: Mapping[date, Estimate], step: str) -> list[dict[str, Any]]:
    """Points of a time line from the first to the last bucket; a bucket without rows is a gap, not a zero."""
    nothing = Estimate(None, None, None, 0)
    points, start = [], min(estimates)
    while start <= max(estimates):
        points.append(point(start.isoformat(), estimates.get(start, nothing)))
        start = wording.bucket_end(start, step) + timedelta(days=1)
    return points


def dot(label: str, estimate: Estimate, unit: Unit = "share") -> dict[str, Any]:
    """A row of a dot chart."""
    text = "" if estimate.value is None else wording.number(estimate.value, unit)
    return point("", estimate) | {"label": label, "text": text}


def estimate_columns(observed: str, kind: Kind = "share") -> tuple[Column, ...]:
    """Columns of a data table for one estimate."""
    return (
        Column("value", N_("Value"), kind),
        Column("lower", N_("95 % from"), kind),
        Column("upper", N_("95 % to"), kind),
        Column("n", observed, "count"),
    )


def cells(estimate: Estimate) -> tuple[float | None, float | None, float | None, int]:
    """The cells of `estimate_columns`."""
    return estimate.value, estimate.lower, estimate.upper, estimate.n


def spread(estimates: Iterable[Estimate]) -> str:
    """Least and greatest of shares, for the description of a chart."""
    known = [estimate.value for estimate in estimates if estimate.value is not None]
    if not known:
        return _("no value with enough observations")
    return _("from {least:.0%} to {most:.0%}", least=min(known), most=max(known))


def number(value: Any) -> float | None:
    """A figure of a mart as a float; None where it is unknown."""
    return None if value is None else float(value)
