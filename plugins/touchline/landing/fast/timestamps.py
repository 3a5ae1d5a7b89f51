"""Timestamps of a column, read by their digits and moved to UTC.

A text is trusted only if it is written with digits and marks at the very places the format or an example has them.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.landing.fast import digits
from touchline.landing.fast.zones import CHANGES, LocalOffsets
from touchline.landing.fields import Texts

_DAY = 86_400
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_FIRST_SECOND = int(datetime(1900, 1, 2, tzinfo=UTC).timestamp())
_LAST_SECOND = int(datetime(2099, 12, 30, tzinfo=UTC).timestamp())
_PIVOT = 69
"""Two digits from here on are years of the last century."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII)
_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_LITERAL = re.compile(r"[-/.:, TZ]*")
_NO_MOMENT = pl.Series([None], dtype=pl.Int64)
_SHAPES = 4
"""So many ways of writing are looked for in one column of a chunk; more are left to the judge."""


class Timestamps:
    """Gives microseconds since 1970 for the texts it is sure of, null for the others.

    `fmt` is a strptime format, None stands for ISO 8601; times without offset are wall-clock times of `zone`.
    """

    def __init__(self, fmt: str | None, zone: ZoneInfo) -> None:
        self._format = fmt
        self._offsets = LocalOffsets(zone)
        self._is_utc = zone.key in ("UTC", "Etc/UTC")

    @classmethod
    def can_read(cls, fmt: str | None) -> bool:
        """Whether the format is made of whole dates and times in digits of fixed width."""
        if fmt is None:
            return True
        pieces = re.split(r"%(.)", fmt)
        names = pieces[1::2]
        whole_date = {"m", "d"} <= set(names) and len({"Y", "y"} & set(names)) == 1
        times = [name for name in names if name in "HMS"]
        whole_time = sorted(times) in ([], ["H", "M"], ["H", "M", "S"])
        known = set(names) <= _WIDTHS.keys() and len(names) == len(set(names))
        return known and whole_date and whole_time and all(map(_LITERAL.fullmatch, pieces[::2]))

    def __call__(self, texts: Texts) -> pl.Series:
        """The moment of each value, null where it is null or not sure."""
        result = _NO_MOMENT.new_from_index(0, len(texts.lengths))
        if self._format is not None:
            return self._placed(result, texts, np.flatnonzero(texts.lengths >= 0), self._format, 0, None)
        for attempt in range(_SHAPES):
            undone = np.flatnonzero((texts.lengths >= 0) & result.is_null().to_numpy())
            if not len(undone):
                break
            # An example from another place each time: one odd value does not hide how the others are written.
            [text] = texts.at(undone[[len(undone) * attempt // _SHAPES]]).strings()
            shape = _ISO.fullmatch(text)
            if shape is None:
                continue
            gap, fraction, zone = shape.groups()
            fmt = f"%Y-%m-%d{gap}%H:%M:%S"
            result = self._placed(result, texts, undone, fmt, len(fraction) - 1 if fraction else 0, zone)
        return result

    def _placed(
        self, result: pl.Series, texts: Texts, places: NDArray[np.int64], fmt: str, fraction: int, zone: str | None
    ) -> pl.Series:
        """`result` with the moments of the texts at `places` that are written this way."""
        pieces = re.split(r"%(.)", fmt)
        width = sum(_WIDTHS[piece] if index % 2 else len(piece) for index, piece in enumerate(pieces))
        width += (fraction + 1 if fraction else 0) + len(zone or "")
        if (texts.lengths == width).all():
            return self._moments(texts, width, pieces, fraction, zone)
        fitting = places[texts.lengths[places] == width]
        if not len(fitting):
            return result
        return result.scatter(pl.Series(fitting), self._moments(texts.at(fitting), width, pieces, fraction, zone))

    def _moments(self, texts: Texts, width: int, pieces: list[str], fraction: int, zone: str | None) -> pl.Series:
        """Moments of texts that are all of `width` bytes."""
        characters = digits.from_start(texts, width)
        sure = np.ones(len(texts.lengths), np.bool_)
        parts: dict[str, NDArray[np.int32]] = {}
        at = 0
        for index, piece in enumerate([*pieces, "f", zone or ""] if fraction else [*pieces, zone or ""]):
            if index % 2 and index < len(pieces):
                parts[piece] = digits.number(characters[at : at + _WIDTHS[piece]], sure)
                at += _WIDTHS[piece]
            elif index == len(pieces) and fraction:
                sure &= characters[at] == ord(".")
                parts[piece] = digits.number(characters[at + 1 : at + 1 + fraction], sure)
                at += 1 + fraction
            else:
                for mark in piece:
                    sure &= characters[at] == ord(mark)
                    at += 1
        seconds = self._in_utc(_seconds(parts, sure), zone, sure)
        moments = seconds * 1_000_000
        if fraction:
            moments += parts["f"] * 10 ** (6 - fraction)
        found = pl.Series(moments)
        return found if sure.all() else found.zip_with(pl.Series(sure), _NO_MOMENT)

    def _in_utc(self, seconds: NDArray[np.int64], zone: str | None, sure: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Local times in UTC; without an offset of their own they are in the zone."""
        sure &= (seconds >= _FIRST_SECOND) & (seconds <= _LAST_SECOND)
        if zone is not None:
            return seconds - round(_offset(zone).total_seconds())
        if self._is_utc:
            return seconds
        found = self._offsets.of(np.where(sure, seconds, 0))
        sure &= found != CHANGES
        return seconds - found


def _seconds(parts: dict[str, NDArray[np.int32]], sure: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Seconds since 1970 of calendar dates and times; `sure` becomes false where there is no such one."""
    year = parts["Y"] if "Y" in parts else parts["y"] + np.where(parts["y"] < _PIVOT, 2000, 1900)
    month, day = parts["m"], parts["d"]
    sure &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    starts, sizes = _months()
    place = np.where(sure, (year - _FIRST_YEAR) * 12 + month - 1, 0)
    sure &= day <= sizes[place]
    seconds = (starts[place] + day - 1) * _DAY
    for name, limit, unit in (("H", 24, 3600), ("M", 60, 60), ("S", 60, 1)):
        if name in parts:
            sure &= parts[name] < limit
            seconds += parts[name] * unit
    return seconds


def _offset(zone: str) -> timedelta:
    """Offset from UTC of Z or ±hh:mm."""
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[4:]))
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


@cache
def _months() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every month its first day, counted since 1970, and its days."""
    firsts = [date(year, month, 1) for year in range(_FIRST_YEAR, _LAST_YEAR + 1) for month in range(1, 13)]
    starts = np.array([first.toordinal() - date(1970, 1, 1).toordinal() for first in firsts], np.int64)
    return starts, np.diff(starts, append=starts[-1] + 31)
