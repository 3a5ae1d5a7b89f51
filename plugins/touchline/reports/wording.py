"""How values are written for people."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from touchline.reports.content import Kind, Unit
from touchline.reports.words import N_, _, ngettext, spoken

NONE = "–"  # noqa: RUF001  the dash printed for an absent value
THIN = "\u202f"
"""A thin space that does not break, between a number and its unit."""
STEPS = {"day": N_("day"), "week": N_("week"), "month": N_("month")}


def number(value: float, unit: Unit) -> str:
    """A headline's number: 82.7 %, 0.74, 4 min 58 s, 1,040."""
    if unit == "share":
        return _("{percent:.1f}\u202f%", percent=100 * value)
    if unit in ("index", "number"):
        return f"{value:.2f}"
    if unit == "seconds":
        return duration(value)
    return f"{value:,.0f}"


def interval(lower: float, upper: float, unit: Unit) -> str:
    """The two ends of an interval, the unit written once."""
    if unit == "share":
        return _("{lower:.1f}–{upper:.1f}\u202f%", lower=100 * lower, upper=100 * upper)  # noqa: RUF001
    return f"{number(lower, unit)} – {number(upper, unit)}"  # noqa: RUF001


def duration(seconds: float) -> str:
    """Seconds below a minute with one decimal, else minutes and seconds, else hours and minutes."""
    if seconds < 60:
        return _("{seconds:.1f}\u202fs", seconds=seconds)
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("{minutes}\u202fmin {seconds}\u202fs", minutes=minutes, seconds=rest)
    return _("{hours:,}\u202fh {minutes}\u202fmin", hours=minutes // 60, minutes=minutes % 60)


def cell(value: Any, kind: Kind) -> str:
    """A value of a data table."""
    if value is None:
        return NONE
    if kind == "share":
        return number(value, "share")
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
    return format_date(value, "long", locale=spoken().locale)


def month(value: date) -> str:
    """A month as March 2024."""
    return format_skeleton("yMMMM", value, locale=spoken().locale)


def short_month(value: date) -> str:
    """A month as Mar 2024."""
    return format_skeleton("yMMM", value, locale=spoken().locale)


def step(name: str) -> str:
    """What a bucket of a time line is called."""
    return _(STEPS[name])


def months(first: date, last: date) -> str:
    """From the first to the last of some months; one month is named once."""
    return month(last) if month(first) == month(last) else _("{first} to {last}", first=month(first), last=month(last))


def count(n: int, noun: str, plural: str = "") -> str:
    """A number of things: 1 contact, 1,040 contacts. Both nouns are read as messages: write them out."""
    return ngettext(f"{{n:,}} {noun}", f"{{n:,}} {plural or noun + 's'}", n)


def listing(words: Sequence[str]) -> str:
    """a, b and c."""
    return format_list(list(words), locale=spoken().locale)


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
