"""Sources: one YAML file says where a company's export lies and how it becomes contract entities."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from touchline import format_rules
from touchline.contracts import Contract, Delivery
from touchline.expressions import Condition, Constant, Expression, FromColumn, columns_used


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Character = Annotated[str | None, AfterValidator(format_rules.check_character)]


class Format(_Model):
    """How the bytes of an export are cut into records and fields."""

    type: Literal["csv", "tsv", "fixed_width", "jsonl", "json", "parquet", "xlsx"] = "csv"
    encoding: Annotated[str, AfterValidator(format_rules.check_encoding)] = "utf-8"
    delimiter: _Character = None
    quote: _Character = '"'
    header: Annotated[Literal[True] | tuple[str, ...], BeforeValidator(format_rules.check_header)] = True
    """True: the file names its columns. A list: the columns of a file that does not, or the JSON keys to read."""
    fields: Annotated[dict[str, tuple[int, int]] | None, AfterValidator(format_rules.check_positions)] = None
    """Fixed width: column → (first position from 1, width)."""
    records: str | None = None
    """JSON: dotted path of the array of records; None: the document is the array."""
    sheet: str | None = None
    members: tuple[str, ...] = ("*",)
    """Globs of the members of a zip that are read."""

    @property
    def separator(self) -> str:
        return self.delimiter or ("\t" if self.type == "tsv" else ",")

    @model_validator(mode="after")
    def _check_options(self) -> Self:
        format_rules.check_options(self.type, self.model_fields_set)
        if self.quote == self.separator:
            raise ValueError("delimiter and quote are the same character")
        return self


class Values(_Model):
    """How values are written in the export; times without offset are in the source's zone."""

    timestamp: str | None = None
    date: str | None = None
    decimal: Literal[".", ","] = "."
    null: tuple[str, ...] = ("",)
    true: tuple[str, ...] = ("true", "True", "TRUE", "t", "1", "yes", "Yes", "Y", "y")
    false: tuple[str, ...] = ("false", "False", "FALSE", "f", "0", "no", "No", "N", "n")


class Filter(_Model):
    """Records left out on purpose; each is counted under its reason."""

    condition: Condition = Field(alias="if")
    reason: str


class Completeness(_Model):
    """Through which instant the export is complete: a declared one, or the newest value of a contract column."""

    column: str | None = None
    instant: datetime | None = None
    round_up: Literal["day", "month"] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.instant is None):
            raise ValueError("give either column or instant")
        return self


class Target(_Model):
    """One contract entity made from each record (or from those where `if` holds)."""

    entity: str
    map: Literal["by_name"] | dict[str, Expression] = "by_name"
    condition: Condition | None = Field(default=None, alias="if")


class Export(_Model):
    """One kind of file of a source."""

    name: str
    files: tuple[str, ...]
    """Globs relative to the landing folder."""
    format: Format = Format()
    values: Values = Values()
    filter: tuple[Filter, ...] = ()
    complete_through: Completeness | None = None
    delivery: Delivery = Delivery.UPSERT
    """`snapshot`: each file is the whole; what a later one no longer holds has been deleted."""
    max_shrink: float = Field(default=0.2, ge=0, le=1)
    """A snapshot that holds fewer rows than the one before, by more than this share, is rejected."""
    max_growth: float = Field(default=10, gt=1)
    """A load that holds more than so many times the usual number of records is rejected."""
    into: tuple[Target, ...]


class Source(_Model):
    """One named feed of a kind (pos, crm, call_center)."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["pos", "crm", "call_center"]
    description: str
    brand: str = "default"
    timezone: str = "UTC"
    phone_region: str | None = None
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    required: bool = False
    """Marts of the brand are not published without it."""
    error_budget: float = Field(default=0.01, ge=0, le=1)
    """Share of records that may be set aside before the load is rejected; one always may."""
    error_budget_records: int | None = Field(default=None, ge=0)
    """Number of records of one load that may be set aside, whatever their share; None: the share alone counts."""
    owner: str
    alert_route: str = "default"
    schedule: str | None = "@hourly"
    expected_every: str | None = Field(default=None, pattern=r"^[1-9][0-9]* (minutes|hours|days)$")
    """How often a new delivery is promised; `touchline status` calls a source late that breaks it."""
    location: str | None = None
    """Folder or URL (s3://bucket/prefix, sftp://host/path …) that `files` are relative to; default: landing folder."""
    connection: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    """Name under which the log-in for `location` is kept; secrets never stand here."""
    exports: tuple[Export, ...] = Field(min_length=1)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError):
            raise ValueError(f"no time zone is called {value}") from None
        return value

    @field_validator("location")
    @classmethod
    def _without_secret(cls, value: str | None) -> str | None:
        return value if value is None else format_rules.check_location(value)

    @model_validator(mode="after")
    def _connection_of_a_location(self) -> Self:
        if self.connection and "://" not in (self.location or ""):
            raise ValueError("a connection belongs to a location with a URL")
        return self

    @property
    def expected_interval(self) -> timedelta | None:
        """`expected_every` as a span of time."""
        if self.expected_every is None:
            return None
        count, unit = self.expected_every.split()
        return timedelta(**{unit: int(count)})

    def fingerprint(self, export: Export) -> str:
        """Changes when what shapes an export's rows changes; where files lie and how much is tolerated does not."""
        own = self.model_dump_json(include={"kind", "timezone", "phone_region", "currency"})
        mapping = export.model_dump_json(exclude={"files", "max_shrink", "max_growth"}, exclude_defaults=True)
        return hashlib.sha256(f"{own}{mapping}".encode()).hexdigest()[:16]


def resolve_mapping(target: Target, contract: Contract, source: Source, header: Iterable[str]) -> dict[str, Expression]:
    """The expression of every contract column for a file with this header.

    Unmapped columns take the contract's default; an unmapped `currency` takes the source's.
    """
    if target.map == "by_name":
        present = set(header)
        mapping: dict[str, Expression] = {
            column.name: FromColumn(column=column.name) for column in contract.columns if column.name in present
        }
    else:
        mapping = dict(target.map)
    for column in contract.columns:
        if column.name not in mapping:
            default = source.currency if column.name == "currency" else column.default
            mapping[column.name] = Constant(const=default)
    return mapping


def required_columns(export: Export, mappings: Iterable[Mapping[str, Expression]]) -> set[str]:
    """Export columns that mappings and filters read; a file that lacks one is refused."""
    used = {name for mapping in mappings for expression in mapping.values() for name in columns_used(expression)}
    used |= {item.condition.column for item in export.filter}
    return used | {target.condition.column for target in export.into if target.condition}
