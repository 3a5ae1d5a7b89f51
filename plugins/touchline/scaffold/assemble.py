"""Puts the parts of a proposal together."""

import glob
import re
from collections.abc import Sequence

from touchline.contracts import ColumnType, PersonalKind
from touchline.scaffold.columns import Column
from touchline.scaffold.draft import Draft, Line
from touchline.scaffold.expressions import map_lines, shorten
from touchline.scaffold.match import Fit
from touchline.scaffold.render import flow, scalar
from touchline.scaffold.sniff import Sample
from touchline.scaffold.values import value_lines

_OFFSET = re.compile(r".*\d(Z|[+-]\d\d:?\d\d)", re.DOTALL)


def assemble(name: str, sample: Sample, fits: Sequence[Fit]) -> Draft:
    """The draft for the best of `fits`; the others are told as rivals."""
    fit = fits[0]
    lines = map_lines(fit, sample.columns)
    values = value_lines(fit.contract, fit.matches, lines)
    shorten(lines)
    used = _columns_used(fit, lines)
    lines += _unmapped_personal(sample.columns, used)
    return Draft(
        _preamble(sample, used),
        _source_lines(name, sample, fit, [other.name for other in fits[1:]]),
        _export_lines(name, sample, fit, values),
        fit.contract.entity,
        lines,
    )


def _preamble(sample: Sample, used: set[str]) -> list[str]:
    extent = "all" if sample.is_whole else "the first"
    told = [
        f"Proposed from {extent} {len(sample.records)} records of {scalar(sample.path.name)}.",
        "Decide every line marked unsure, then remove the mark.",
    ]
    rest = [scalar(column.name) for column in sample.columns if column.name not in used]
    return [*told, f"Columns that are not mapped: {', '.join(rest)}"] if rest else told


def _source_lines(name: str, sample: Sample, fit: Fit, rivals: list[str]) -> list[Line]:
    contract = fit.contract
    told = [f"the columns also resemble {', '.join(rivals)}"] if rivals else []
    lines = [
        Line("source", name),
        Line("kind", contract.kind, told),
        Line("description", f"Export of {contract.entity}"),
        Line("brand", "default", ["which brand it belongs to is not in the file"]),
        Line("timezone", "UTC", [_zone_doubt(fit)]),
    ]
    if _has_short_phones(fit):
        lines.append(
            Line("phone_region", doubts=["numbers without country code are bad values until phone_region is set"])
        )
    if "currency" in contract.by_name and "currency" not in fit.matches:
        lines.append(Line("currency", "USD", ["no column tells the currency"]))
    if sample.location:
        lines.append(Line("location", sample.location))
    if sample.connection:
        lines.append(Line("connection", sample.connection))
    return [*lines, Line("owner", name, ["who is told when something is wrong"])]


def _zone_doubt(fit: Fit) -> str:
    moments = [
        match.column for key, match in fit.matches.items() if fit.contract.by_name[key].type is ColumnType.TIMESTAMP
    ]
    if any(not _OFFSET.fullmatch(value) for column in moments for value in column.present):
        return "times bear no offset: state the zone they are written in"
    return "the zone of the source's days is not in the file"


def _has_short_phones(fit: Fit) -> bool:
    kinds = (PersonalKind.PHONE, PersonalKind.ENDPOINT)
    mapped = [match.column for key, match in fit.matches.items() if fit.contract.by_name[key].personal in kinds]
    return any("@" not in value and not value.startswith("+") for column in mapped for value in column.present)


def _export_lines(name: str, sample: Sample, fit: Fit, values: list[Line]) -> list[Line]:
    lines = [Line("name", fit.contract.entity), Line("files", [_pattern(name, sample)])]
    options = sample.format.model_dump(mode="json", exclude_unset=True)
    doubts = [f"{option} {_shown(options.get(option))}: {why}" for option, why in sample.doubts]
    if doubts or options != {"type": "csv"}:
        lines.append(Line("format", options, doubts))
    if values:
        said = {line.key: line.value for line in values}
        lines.append(Line("values", said, [f"{line.key}: {doubt}" for line in values for doubt in line.doubts]))
    if (column := fit.contract.completeness_column) in fit.matches:
        doubt = "whether an export holds everything through its newest value"
        lines.append(Line("complete_through", {"column": column}, [doubt]))
    return lines


def _shown(value: object) -> str:
    return "list" if isinstance(value, list) else "default" if value is None else flow(value)


def _pattern(name: str, sample: Sample) -> str:
    """Files of the same name but for dates and numbers, plain or compressed, below the landing folder in one named
    like the source."""
    stem, dot, suffix = re.sub(r"\.(gz|zip)$", "", sample.path.name).rpartition(".")
    prefix = re.split(r"\d", stem if dot else suffix)[0]
    folder = "" if sample.location else f"{name}/"
    return f"{folder}{glob.escape(prefix)}*{f'.{glob.escape(suffix)}*' if dot else ''}"


def _columns_used(fit: Fit, lines: list[Line]) -> set[str]:
    used = {match.column.name for match in fit.matches.values()}
    joined = [line.value["timestamp"] for line in lines if isinstance(line.value, dict) and "timestamp" in line.value]
    return used | {name for names in joined for name in names}


def _unmapped_personal(columns: Sequence[Column], used: set[str]) -> list[Line]:
    told = {PersonalKind.EMAIL: "e-mail addresses", PersonalKind.PHONE: "phone numbers"}
    return [
        Line("personal data", doubts=[f"column {scalar(column.name)} looks like {told[column.personal]}: not mapped"])
        for column in columns
        if column.personal and column.name not in used
    ]
