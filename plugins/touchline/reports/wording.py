"""How values are written for people."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from touchline.reports.content import Kind, Unit

NONE = "–"  # noqa: RUF001  the dash printed for an absent value
THIN = "\u202f"
"""A thin space that does not break, between a number and its unit."""


def number(value: float, unit: Unit) -> str:
    """A headline's number: 82.7 %, 0.74, 4 min 58 s, 1,040."""
    if unit == "share":
        return f"{100 * value:.1f}{THIN}%"
    if unit in ("index", "number"):
        return f"{value:.2f}"
    if unit == "seconds":
        return duration(value)
    return f"{value:,.0f}"


def interval(lower: float, upper: float, unit: Unit) -> str:
    """The two ends of an interval, the unit written once."""
    if unit == "share":
        return f"{100 * lower:.1f}–{100 * upper:.1f}{THIN}%"  # noqa: RUF001
    return f"{number(lower, unit)} – {number(upper, unit)}"  # noqa: RUF001


def duration(seconds: float) -> str:
    """Seconds below a minute with one decimal, else minutes and seconds, else hours and minutes."""
    if seconds < 60:
        return f"{seconds:.1f}{THIN}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{THIN}min {rest}{THIN}s"
    return f"{minutes // 60:,}{THIN}h {minutes % 60}{THIN}min"


def cell(value: Any, kind: Kind) -> str:
    """A value of a data table."""
    if value is None:
        return NONE
    if kind == "share":
        return f"{100 * value:.1f}{THIN}%"
    if kind == "count":
        return f"{value:,}"
    if kind == "number":
        return f"{value:.3f}"
    if kind == "seconds":
        return duration(float(value))
    if kind == "moment":
        return moment(value)
    return str(value)


def moment(value: datetime) -> str:
    """An instant, in UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def day(value: date) -> str:
    """A day as 3 March 2024."""
    return f"{value.day} {value:%B %Y}"


def month(value: date) -> str:
    """A month as March 2024."""
    return f"{value:%B %Y}"


def months(first: date, last: date) -> str:
    """From the first to the last of some months; one month is named once."""
    return month(last) if month(first) == month(last) else f"{month(first)} to {month(last)}"


def count(n: int, noun: str, plural: str = "") -> str:
    """A number of things: 1 contact, 1,040 contacts."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def listing(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def bucket_start(value: date, step: str) -> date:
    """First day of the day, week (from Monday) or month that holds a day."""
    if step == "month":
        return value.replace(day=1)
    return value - timedelta(days=value.weekday()) if step == "week" else value


def bucket_step(first: date, last: date) -> str:
    """A time line of some hundred points: days up to two months, weeks up to two years, else months."""
    span = (last - first).days
    return "day" if span <= 62 else "week" if span <= 740 else "month"


def bucket_end(start: date, step: str) -> date:
    """Last day of the bucket that begins at `start`."""
    if step == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start + timedelta(days=6) if step == "week" else start


def whole_buckets(first: date, last: date, step: str) -> list[date]:
    """Starts of the buckets that lie wholly between two days, so that no edge looks like a fall."""
    starts = []
    start = bucket_start(first, step)
    while bucket_end(start, step) <= last:
        if start >= first:
            starts.append(start)
        start = bucket_end(start, step) + timedelta(days=1)
    return starts
