"""Audit suites: JSON files that say what a batch or a mart must look like, read strictly.

Great Expectations logs and drops what it does not understand; here every oddity in a file is an error that
names the file and the entry, so a check that is written down is a check that runs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from touchline.audit import comparison
from touchline.audit.results import Severity
from touchline.audit.rows import QUERY_TYPE, failing_rows
from touchline.errors import TouchlineError

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

SUITE_FIELDS = frozenset({"table", "description", "owner", "key", "expectations"})
CHECK_FIELDS = frozenset({"id", "type", "kwargs", "severity", "why", "next_step"})
SEVERITIES = frozenset({"critical", "warning"})


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a suite: stable id, Great Expectations type and arguments, what to do on failure."""

    id: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    why: str
    next_step: str

    def to_expectation(self) -> "Expectation":
        """The Great Expectations object of this check, its `meta` carrying the id.

        Raises ValueError or a Great Expectations error when type or kwargs are not understood.
        """
        from great_expectations.expectations.metadata_types import FailureSeverity
        from great_expectations.expectations.registry import get_expectation_impl

        from touchline.audit.expectations import CountedRowsExpectation

        build = CountedRowsExpectation if self.type == QUERY_TYPE else get_expectation_impl(self.type)
        return build(**self.kwargs, severity=FailureSeverity(self.severity), meta={"id": self.id})

    def to_judge(self) -> "Expectation":
        """An expectation with the verdict of `to_expectation`, counted in one scan with others where that can be.

        Raises as `to_expectation` does.
        """
        from great_expectations.expectations.metadata_types import FailureSeverity

        from touchline.audit.expectations import FailingRowsExpectation

        condition = None if "mostly" in self.kwargs else failing_rows(self.type, self.kwargs)
        if condition is None:
            return self.to_expectation()
        severity = FailureSeverity(self.severity)
        return FailingRowsExpectation(condition=condition, severity=severity, meta={"id": self.id})


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one table; `name` is the file's path below the expectations folder, without suffix."""

    name: str
    table: str
    description: str
    owner: str
    key: tuple[str, ...]
    checks: tuple[Check, ...]


def load_suite(path: Path, name: str | None = None) -> Suite:
    """Read one suite file; `name` defaults to `<folder>/<stem>`.

    Raises TouchlineError, naming file and entry, for anything that is not exactly a valid suite.
    """
    document = _read_object(path)
    _require_fields(document, SUITE_FIELDS, str(path))
    _require_texts(document, ("table", "description", "owner"), str(path))
    checks = tuple(_parse_check(entry, path, number) for number, entry in enumerate(_entries(document, path), 1))
    _refuse_duplicates(checks, path)
    return Suite(
        name=name or f"{path.parent.name}/{path.stem}",
        table=document["table"],
        description=document["description"],
        owner=document["owner"],
        key=_parse_key(document["key"], path),
        checks=checks,
    )


def load_suites(folder: Path) -> dict[str, Suite]:
    """All suites of a folder (`*.json`, not its subfolders) by table name.

    Raises TouchlineError when the folder holds none, or when a file is not named after its table.
    """
    suites: dict[str, Suite] = {}
    for path in sorted(folder.glob("*.json")):
        suite = load_suite(path)
        if suite.table != path.stem:
            raise _error(f"the suite is for table {suite.table!r}", str(path), "name the file after its table")
        suites[suite.table] = suite
    if not suites:
        raise _error("there is no audit suite", str(folder), "an audit without checks proves nothing: add a suite")
    return suites


def _read_object(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_object_without_repeats)
    except OSError as error:
        raise _error(f"the suite cannot be read ({error.strerror})", str(path), "check the path") from error
    except ValueError as error:
        raise _error(f"the suite is not valid JSON: {error}", str(path), "correct the file") from error
    if not isinstance(document, dict):
        raise _error("the suite is not a JSON object", str(path), "see expectations/README.md for the format")
    return document


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # json keeps the last of two equal names without a word, which would lose a threshold.
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"the name {repeated[0]!r} appears twice in one object")
    return dict(pairs)


def _entries(document: Mapping[str, Any], path: Path) -> list[Any]:
    entries = document["expectations"]
    if not isinstance(entries, list) or not entries:
        raise _error(
            "the suite has no expectations",
            str(path),
            "an empty suite always passes: add a check or delete it",
        )
    return entries


def _parse_check(entry: Any, path: Path, number: int) -> Check:
    label = entry.get("id", "without id") if isinstance(entry, dict) else "not an object"
    where = f"{path}, expectation {number} ({label})"
    if not isinstance(entry, dict):
        raise _error("the expectation is not a JSON object", where, "see expectations/README.md for the format")
    _require_fields(entry, CHECK_FIELDS, where)
    _require_texts(entry, ("id", "type", "severity", "why", "next_step"), where)
    if entry["severity"] not in SEVERITIES:
        raise _error(f"unknown severity {entry['severity']!r}", where, f"use one of {_listed(SEVERITIES)}")
    if not isinstance(entry["kwargs"], dict):
        raise _error("kwargs is not a JSON object", where, "give the expectation's arguments by name")
    check = Check(
        id=entry["id"],
        type=entry["type"],
        kwargs=entry["kwargs"],
        severity=cast("Severity", entry["severity"]),
        why=entry["why"],
        next_step=entry["next_step"],
    )
    _require_known(check, where)
    return check


def _require_known(check: Check, where: str) -> None:
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError

    if check.type in comparison.TYPES:
        if reason := comparison.refusal(check.type, check.kwargs):
            raise _error(f"the arguments are wrong: {reason}", where, "see expectations/README.md, correct kwargs")
        return
    if check.type == QUERY_TYPE and "{batch}" not in str(check.kwargs.get("unexpected_rows_query")):
        raise _error("the query does not read {batch}", where, "select from {batch}, the rows under audit")
    try:
        check.to_expectation()
    except ExpectationNotFoundError as error:
        raise _error(f"unknown expectation type {check.type!r}", where, "correct the type's spelling") from error
    except (ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise _error(f"Great Expectations refuses the arguments: {reason}", where, "correct kwargs") from error


def _parse_key(key: Any, path: Path) -> tuple[str, ...]:
    if not isinstance(key, list) or not key or not all(isinstance(column, str) and column for column in key):
        raise _error("key is not a list of column names", str(path), "name the columns that identify a row")
    if any(column.endswith("_token") for column in key):
        raise _error("key names a personal column", str(path), "keys are shown in alerts: use ids only")
    return tuple(key)


def _refuse_duplicates(checks: tuple[Check, ...], path: Path) -> None:
    ids = [check.id for check in checks]
    for repeated in sorted({check_id for check_id in ids if ids.count(check_id) > 1}):
        raise _error(f"the id {repeated!r} is used more than once", str(path), "give each expectation its own id")


def _require_fields(document: Mapping[str, Any], fields: frozenset[str], where: str) -> None:
    if missing := fields - document.keys():
        raise _error(f"missing: {_listed(missing)}", where, "see expectations/README.md for the format")
    if unknown := document.keys() - fields:
        raise _error(f"unknown: {_listed(unknown)}", where, f"only {_listed(fields)} are understood")


def _require_texts(document: Mapping[str, Any], fields: tuple[str, ...], where: str) -> None:
    for field in fields:
        if not isinstance(document[field], str) or not document[field].strip():
            raise _error(f"{field} is not a text", where, "see expectations/README.md for the format")


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names))


def _error(what: str, where: str, todo: str) -> TouchlineError:
    return TouchlineError(what, where=where, todo=todo)
