"""What a page says, apart from how it looks: headlines, figures, tables, sections."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Unit = Literal["share", "index", "number", "seconds", "count", "text"]
"""An index lies between 0 and 1, a number anywhere."""
Kind = Literal["text", "count", "share", "number", "seconds", "date", "moment"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over `n` observations; all but `n` are None where it is not published."""

    value: float | None
    lower: float | None
    upper: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Definition:
    """Where the definition stands: a mart and its columns; `note` says what the page adds to it."""

    mart: str
    columns: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Headline:
    """One number of a section. `missing` says why there is none; `observed` names what `n` counts."""

    label: str
    metric: str
    unit: Unit
    estimate: Estimate
    observed: str
    sentence: str
    definition: Definition | None
    missing: str = ""
    uncertainty: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a data table; `kind` is how the page writes its values."""

    name: str
    label: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers behind a figure. `keys` says what each row is of where no column does (see filters)."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    keys: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instead:
    """The chart that stands in for a figure's own while this value of a dimension is chosen (see filters)."""

    dimension: str
    value: str
    alt: str
    draw: Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its words and its numbers. `draw` makes the chart for a width in pixels; None: table only.

    `instead` are the charts of single values; their numbers are rows of the same table, after those of all.
    """

    slug: str
    title: str
    text: str
    alt: str
    table: Table
    definition: Definition | None = None
    draw: Callable[[int], Any] | None = None
    instead: Sequence[Instead] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What a page says of one brand; the brand is empty where all of them are meant."""

    brand: str
    as_of: datetime | None
    headlines: Sequence[Headline] = ()
    figures: Sequence[Figure] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the site. The title is the question that it answers."""

    slug: str
    name: str
    title: str
    lead: str
    sections: Sequence[Section] = field(default=())
