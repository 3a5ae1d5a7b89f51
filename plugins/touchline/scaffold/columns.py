"""What the values of one column are: types, formats, "no value" texts, personal data. Values themselves stay here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from touchline.contracts import PersonalKind
from touchline.mapping import Values
from touchline.scaffold import dates
from touchline.scaffold.names import tokens

NULL_TEXTS = (
    "NULL", "null", "Null", "(null)", "\\N", "#N/A", "N/A", "n/a", "N/D", "n/d", "NA", "NaN", "nan", "None", "none",
    "-", "--", "?", "0000-00-00", "0000-00-00 00:00:00",
)  # fmt: skip
UNMISTAKABLE_NULLS = frozenset(NULL_TEXTS[:6])
"""These mean "no value" in any column; the others only among numbers, dates and yes/no words."""
WORD_PAIRS = (
    ("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("1", "0"), ("ja", "nein"), ("ja", "nee"), ("j", "n"),
    ("si", "no"), ("sí", "no"), ("s", "n"), ("oui", "non"), ("o", "n"), ("vrai", "faux"), ("sim", "não"),
    ("sim", "nao"), ("да", "нет"), ("是", "否"),
)  # fmt: skip
TRUE_WORDS = frozenset(first for first, _ in WORD_PAIRS)
FALSE_WORDS = frozenset(second for _, second in WORD_PAIRS)

SHARE = 0.8
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"\+?[\d\s()./-]{7,22}(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d+(\.0+)?", re.ASCII)
_DATE_LIKE = re.compile(r"\d{1,4}[-/. ,]+\w{1,9}[-/. ,]+\d{1,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}")
_TIME_WORDS = frozenset(
    ("date", "time", "day", "on", "at", "timestamp", "datetime", "created", "closed", "opened", "start", "end", "epoch")
)
_PHONE_WORDS = frozenset(("phone", "tel", "telephone", "mobile", "cell", "msisdn", "ani", "dnis", "fax", "caller"))


@dataclass(frozen=True)
class Column:
    """One column of the export and its sample; `values` are stripped and without blanks."""

    name: str
    values: tuple[str, ...] = field(repr=False)

    @cached_property
    def nulls(self) -> frozenset[str]:
        """Texts among the values that mean "no value" here."""
        found = set(self.values) & set(NULL_TEXTS)
        others = [value for value in self.values if value not in found]
        is_typed = bool(others) and Column(self.name, tuple(others)).is_typed if found else False
        return frozenset(found if is_typed else found & UNMISTAKABLE_NULLS)

    @cached_property
    def present(self) -> tuple[str, ...]:
        return tuple(value for value in self.values if value not in self.nulls) if self.nulls else self.values

    @property
    def repeats(self) -> bool:
        """Whether values come again so often that they are no key."""
        return len(set(self.present)) < 0.9 * len(self.present)

    @property
    def is_typed(self) -> bool:
        """Whether most values are numbers, dates, times or yes/no words."""
        found = self.is_whole or self.is_decimal or self.moments or self.days or self.times
        return bool(found) or (self.yes_no_share >= SHARE)

    def share(self, pattern: re.Pattern[str]) -> float:
        """Share of the values that are of the pattern as a whole."""
        return sum(bool(pattern.fullmatch(value)) for value in self.present) / (len(self.present) or 1)

    @cached_property
    def is_whole(self) -> bool:
        return self.share(_WHOLE) >= SHARE

    @cached_property
    def is_decimal(self) -> bool:
        return max(self.share(_number(mark)) for mark in ".,") >= SHARE

    @property
    def decimal_marks(self) -> frozenset[str]:
        """Decimal marks that read the values best, if they show one."""
        marked = [value for value in self.present if re.search(r"\d[.,]\d", value)]
        fits = {mark: sum(bool(_number(mark).fullmatch(value)) for value in marked) for mark in ".,"}
        best = max(fits.values())
        return frozenset(mark for mark, count in fits.items() if best and count == best)

    def decimals(self, mark: str) -> int:
        """The most digits after the decimal mark; binary residues in exponent form have more than any contract."""
        numbers = [value for value in self.present if _number(mark).fullmatch(value)]
        return max((_digits_after(value, mark) for value in numbers), default=0)

    @cached_property
    def moments(self) -> list[tuple[str, float]]:
        """(format, share it reads) of timestamps, best first; `dates.ISO` stands for ISO 8601."""
        if not self._may_be_date:
            return []
        share = dates.iso_share(self.present, with_time=True)
        if share >= SHARE and not self.days:
            return [(dates.ISO, share)]
        return [] if self.days else dates.ranked(self.present, [*dates.timestamp_formats(), *self._compact(14, 12)])

    @cached_property
    def days(self) -> list[tuple[str, float]]:
        """(format, share it reads) of dates without a time, best first."""
        if not self._may_be_date:
            return []
        share = dates.iso_share(self.present, with_time=False)
        return (
            [(dates.ISO, share)] if share >= SHARE else dates.ranked(self.present, [*dates.DATES, *self._compact(8, 6)])
        )

    @cached_property
    def times(self) -> list[tuple[str, float]]:
        """(format, share it reads) of clock times without a date."""
        return dates.ranked(self.present, dates.TIMES) if any(":" in value for value in self.present[:50]) else []

    @cached_property
    def epoch(self) -> str | None:
        """`s` or `ms` where the values look like seconds or milliseconds since 1970, in this century."""
        for unit, digits in (("s", 10), ("ms", 13)):
            if self.share(re.compile(rf"1\d{{{digits - 1}}}")) >= SHARE and _TIME_WORDS & set(tokens(self.name)):
                return unit
        return None

    @property
    def yes_no_share(self) -> float:
        words = TRUE_WORDS | FALSE_WORDS
        return sum(value.casefold() in words for value in self.present) / (len(self.present) or 1)

    @cached_property
    def personal(self) -> PersonalKind | None:
        """E-mail addresses or phone numbers, told by the shape of most values."""
        if self.share(_EMAIL) >= 0.5:
            return PersonalKind.EMAIL
        if self.moments or self.days or self.share(_PHONE) < 0.5:
            return None
        is_written_so = sum(bool(re.search(r"^\+\d{7}|\d\D{1,2}\d+\D{1,2}\d", value)) for value in self.present)
        is_named_so = bool(_PHONE_WORDS & set(tokens(self.name)))
        is_long = sum(7 <= len(re.sub(r"\D", "", value)) <= 15 for value in self.present) >= 0.5 * len(self.present)
        return PersonalKind.PHONE if is_long and (is_named_so or is_written_so >= 0.5 * len(self.present)) else None

    @property
    def _may_be_date(self) -> bool:
        some = self.present[:50]
        if not some:
            return False
        if all(value.isdecimal() for value in some):
            return bool(_TIME_WORDS & set(tokens(self.name))) and self.epoch is None
        return sum(bool(_DATE_LIKE.match(value)) for value in some) >= 0.5 * len(some)

    def _compact(self, *lengths: int) -> list[str]:
        """Formats of digits alone whose number of digits the values have: strptime would cut them anywhere."""
        if not all(value.isdecimal() for value in self.present[:50]):
            return []
        sizes = {len(value) for value in self.present}
        return [fmt for fmt in dates.COMPACT if sizes == {_WIDTHS[fmt]} and _WIDTHS[fmt] in lengths]


_WIDTHS = dict(zip(dates.COMPACT, (8, 14, 12, 6), strict=True))
DEFAULT_WORDS = frozenset(Values().true + Values().false)


def looks_like_data(text: str) -> bool:
    """Whether a cell of a first record is a value rather than the name of a column."""
    column = Column("date", (text,))
    is_value = column.is_decimal or column.moments or column.days or column.times or column.epoch
    is_personal = _EMAIL.fullmatch(text) or (_PHONE.fullmatch(text) and re.search(r"\d", text))
    return bool(is_value or is_personal) or len(re.findall(r"\d", text)) > 6


def _number(mark: str) -> re.Pattern[str]:
    sign = re.escape(mark)
    return re.compile(rf"[+-]?(\d+({sign}\d*)?|{sign}\d+)([eE][+-]?\d{{1,3}})?", re.ASCII)


def _digits_after(value: str, mark: str) -> int:
    return 99 if "e" in value.casefold() else len(value.partition(mark)[2])


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """The columns of the sample, without empty values."""
    return [
        Column(name, tuple(text for row in rows if (text := row[index].strip()))) for index, name in enumerate(header)
    ]
