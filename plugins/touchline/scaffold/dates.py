"""The documented formats of dates and times that are tried on a sample."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import product

DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d",
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%m.%d.%y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%y/%m/%d",
    "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y",
)  # fmt: skip
TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
COMPACT = ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%y%m%d")
"""Digits alone: tried only where the column's name speaks of a date or time."""
JOINTS = (" ", "T", ", ")
OFFSETS = ("", "%z", " %z")
ISO = "ISO 8601"

_FEW = 25
_SHARE = 0.8
"""A column is of a format if this share of its values is: an export may hold bad records."""


def _fits(text: str, fmt: str) -> bool:
    try:
        datetime.strptime(text, fmt)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


def _is_iso(text: str, read: Callable[[str], object]) -> bool:
    # Python reads digits alone as ISO 8601, too: in an export they are numbers until the name says otherwise.
    if text.isdecimal() or "W" in text:
        return False
    try:
        read(text)
    except ValueError:
        return False
    return True


def ranked(values: Sequence[str], formats: Iterable[str]) -> list[tuple[str, float]]:
    """(format, share of the values it reads) of the formats that read most values, best first."""
    few = values[:_FEW]
    hopeful = [fmt for fmt in formats if few and sum(_fits(text, fmt) for text in few) >= 0.5 * len(few)]
    shares = [(fmt, sum(_fits(text, fmt) for text in values) / len(values)) for fmt in hopeful]
    return sorted((item for item in shares if item[1] >= _SHARE), key=lambda item: -item[1])


def iso_share(values: Sequence[str], *, with_time: bool) -> float:
    """Share of the values that are ISO 8601 timestamps, or dates without a time."""
    read = datetime.fromisoformat if with_time else date.fromisoformat
    return sum(_is_iso(text, read) for text in values) / len(values) if values else 0.0


def timestamp_formats() -> list[str]:
    """Every combination of a date, a joint, a time and an offset."""
    return [f"{day}{joint}{time}{zone}" for day, joint, time, zone in product(DATES, JOINTS, TIMES, OFFSETS)]


def is_ambiguous(first: str, second: str) -> bool:
    """Whether the formats differ only in the order of day, month and year."""

    def letters(fmt: str) -> list[str]:
        return sorted(fmt.replace("-", "/"))

    return first != second and letters(first) == letters(second)
