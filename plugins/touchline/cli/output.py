"""How the commands speak: tables and JSON on stdout, progress and errors on stderr."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.table import Table

from touchline.errors import TouchlineError

if TYPE_CHECKING:
    from touchline.pipeline import RunSummary

messages = Console(stderr=True, highlight=False)
results = Console(highlight=False)

FAILURE = 1


def progress(message: str) -> None:
    """One line of progress."""
    messages.print(f"· {message}", markup=False)


def fail(error: TouchlineError) -> NoReturn:
    """Tell a failure and leave with a non-zero exit code."""
    messages.print("Error: ", style="bold red", end="")
    messages.print(str(error), markup=False)
    sys.exit(FAILURE)


def as_json(document: Any) -> None:
    """One JSON document on stdout; times are ISO 8601, decimals are text."""
    sys.stdout.write(json.dumps(document, default=str, ensure_ascii=False, indent=2) + "\n")


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Header and rows on stdout; null is an empty field."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def as_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """A table for people."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    results.print(table, markup=False)


def summarise(summary: "RunSummary") -> None:
    """A run in words and tables."""
    if summary.loads:
        rows = [
            (item.file_name, item.state, item.records, item.loaded, item.quarantined, item.filtered)
            for item in summary.loads
        ]
        as_table(("file", "state", "records", "loaded", "set aside", "filtered"), rows, "New files")
    reasons = sorted(
        (outcome, column or "record", reason, count)
        for item in summary.loads
        for outcome, column, reason, count in item.reasons
    )
    if reasons:
        as_table(("what", "column", "why", "records"), _folded(reasons), "Not loaded as delivered")
    results.print(f"Files known from before: {summary.known_files}")
    for passed_over in summary.passed_over:
        results.print(f"Not read: {passed_over}", markup=False)
    if summary.build:
        identity = f", {summary.identity.customers} customers resolved" if summary.identity else ""
        results.print(f"Build {summary.build.build_id}: {summary.build.loads} loads{identity}")
        results.print(f"Audit: {summary.audit_verdict} ({summary.audit_checks} checks)")
        if summary.is_ok and not summary.is_published:
            results.print("Not published: a build of a later instant is live; --publish-earlier publishes this one")
    else:
        results.print("Nothing new to build")
    if live := summary.publication:
        results.print(
            f"Live: build {live.build_id}, publication {live.publication_id} of {live.published_at:%F %T} UTC"
        )
    results.print(f"Took {summary.seconds} s")
    for hint in summary.hints:
        results.print(f"To do: {hint}", markup=False)
    _print_problems(summary.problems)


def tell_problems(problems: Iterable[str]) -> None:
    """Tell what went wrong, if anything did, and leave with a non-zero exit code."""
    if found := [problem for problem in problems if problem]:
        _print_problems(found)
        sys.exit(FAILURE)


def _print_problems(problems: Iterable[str]) -> None:
    for problem in problems:
        messages.print("Problem: ", style="bold red", end="")
        messages.print(problem, markup=False)


def _folded(reasons: Iterable[tuple[str, str, str, int]]) -> list[tuple[str, str, str, int]]:
    totals: dict[tuple[str, str, str], int] = {}
    for *key, count in reasons:
        name = (key[0], key[1], key[2])
        totals[name] = totals.get(name, 0) + count
    return [(*name, count) for name, count in totals.items()]
