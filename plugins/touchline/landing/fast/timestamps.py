"""Timestamps of a column, parsed and moved to UTC.

A text is trusted only if writing what was parsed gives the same text again: then every parser must agree on it.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from touchline.landing.fast.zones import CHANGES, LocalOffsets

_DAY = 86_400
_FIRST_DAY = datetime(1900, 1, 2, tzinfo=UTC)
_LAST_DAY = datetime(2099, 12, 30, tzinfo=UTC)
_CENTURY_69 = datetime(2069, 1, 1)  # noqa: DTZ001 - a local time
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII)
_DIRECTIVES = {"Y": (0, 4), "y": (2, 2), "m": (5, 2), "d": (8, 2), "H": (11, 2), "M": (14, 2), "S": (17, 2)}
"""Place of a directive's digits in 2026-01-31 23:59:59."""
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
        known = set(names) <= _DIRECTIVES.keys() and len(names) == len(set(names))
        return known and whole_date and whole_time and all(map(_LITERAL.fullmatch, pieces[::2]))

    def __call__(self, texts: pl.Series) -> pl.Series:
        """The moment of each value, null where it is null or not sure."""
        if self._format is not None:
            return self._declared(texts, self._format)
        result = pl.Series(texts.name, [None], dtype=pl.Int64).new_from_index(0, len(texts))
        for attempt in range(_SHAPES):
            undone = (texts.is_not_null() & result.is_null()).arg_true()
            if not len(undone):
                break
            # An example from another place each time: one odd value does not hide how the others are written.
            shape = _ISO.fullmatch(texts[int(undone[len(undone) * attempt // _SHAPES])])
            if shape is None:
                continue
            if len(undone) == len(texts):
                result = self._iso(texts, shape)
            else:
                result = result.scatter(undone, self._iso(texts.gather(undone), shape))
        return result

    def _iso(self, texts: pl.Series, shape: re.Match[str]) -> pl.Series:
        """Texts written like `shape`."""
        gap, fraction, zone = shape.groups()
        digits = len(fraction) - 1 if fraction else 0
        fmt = f"%Y-%m-%d{gap}%H:%M:%S{'%.f' if digits else ''}{zone or ''}"
        moments = texts.str.to_datetime(fmt, time_unit="us", strict=False)
        offset = _offset(zone) if zone else None
        local = _Rendered(moments)
        written = local.text(gap, digits, zone or "")
        result = moments.cast(pl.Int64) if zone in ("Z", "+00:00") else self._in_utc(moments, offset)
        return _where_equal(result, written, texts)

    def _declared(self, texts: pl.Series, fmt: str) -> pl.Series:
        if "%H" in fmt:
            parsed = texts.str.to_datetime(fmt, time_unit="us", strict=False)
        else:
            parsed = texts.str.to_date(fmt, strict=False).cast(pl.Datetime("us"))
        if "%y" in fmt:
            # Parsers differ in the century of 69.
            parsed = parsed.zip_with(parsed < _CENTURY_69, pl.Series([None], dtype=pl.Datetime("us")))
        iso = _Rendered(parsed).text(" ", 0, "")
        pieces = re.split(r"%(.)", fmt)
        parts = [
            iso.str.slice(*_DIRECTIVES[piece]) if index % 2 else pl.lit(piece) for index, piece in enumerate(pieces)
        ]
        written = pl.select(pl.concat_str(parts)).to_series()
        return _where_equal(self._in_utc(parsed, None), written, texts)

    def _in_utc(self, moments: pl.Series, offset: timedelta | None) -> pl.Series:
        """Local moments in UTC; without an offset of their own they are in the zone."""
        micros = moments.cast(pl.Int64)
        known = micros.is_not_null() & moments.is_between(_naive(_FIRST_DAY), _naive(_LAST_DAY))
        values = micros.fill_null(0).to_numpy()
        inside = known.fill_null(False).to_numpy()
        if offset is not None:
            shifted = values - round(offset.total_seconds()) * 1_000_000
        elif self._is_utc:
            shifted = values
        else:
            found = self._offsets.of(np.where(inside, values // 1_000_000, 0))
            inside = inside & (found != CHANGES)
            shifted = values - found.astype(np.int64) * 1_000_000
        return pl.Series(shifted).zip_with(pl.Series(inside), _NO_MOMENT)


def _offset(zone: str) -> timedelta:
    """Offset from UTC of Z or ±hh:mm."""
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[4:]))
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


class _Rendered:
    """Moments cut into the parts that are written."""

    def __init__(self, moments: pl.Series) -> None:
        inside = moments.is_between(_naive(_FIRST_DAY), _naive(_LAST_DAY))
        values = moments.zip_with(inside, pl.Series([None], dtype=pl.Datetime("us"))).cast(pl.Int64)
        seconds = values // 1_000_000
        self._micros = values - seconds * 1_000_000
        self._days = seconds // _DAY
        self._clock = seconds - self._days * _DAY

    def text(self, gap: str, digits: int, zone: str) -> pl.Series:
        """`<date><gap><time>[.<digits>]<zone>`, null for what is null or outside the centuries around us."""
        dates, first = _dates()
        parts: list[pl.Expr] = [
            pl.lit(dates.gather(self._days - first)),
            pl.lit(gap),
            pl.lit(_times().gather(self._clock)),
        ]
        if digits:
            fraction = (self._micros // 10 ** (6 - digits)).cast(pl.String).str.zfill(digits)
            parts += [pl.lit("."), pl.lit(fraction)]
        return pl.select(pl.concat_str([*parts, pl.lit(zone)])).to_series()


def _where_equal(result: pl.Series, written: pl.Series, texts: pl.Series) -> pl.Series:
    same = (written == texts).fill_null(False)
    return result if same.all() else result.zip_with(same, _NO_MOMENT)


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


@cache
def _dates() -> tuple[pl.Series, int]:
    """Every date that is written, and the number of the first one's day since 1970."""
    days = pl.date_range(_naive(_FIRST_DAY).date(), _naive(_LAST_DAY).date(), eager=True)
    return days.cast(pl.String), int(_FIRST_DAY.timestamp()) // _DAY


@cache
def _times() -> pl.Series:
    """Every second of a day."""
    return pl.Series(
        [f"{hour:02}:{minute:02}:{second:02}" for hour in range(24) for minute in range(60) for second in range(60)]
    )
