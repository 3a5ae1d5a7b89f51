"""Data quality's tables: checks that did not pass, freshness of sources, files not taken, publications."""

from datetime import datetime
from typing import Any

from touchline.reports import wording
from touchline.reports.content import Column, Figure, Table
from touchline.reports.context import Context
from touchline.reports.published import Row
from touchline.reports.words import _


def checks(context: Context) -> list[dict[str, Any]]:
    """Every check of the audit that let this build through; none if the ledger holds no audit of it."""
    audits = context.published.facts["audits"]
    return list(audits[0]["result"].get("checks", ())) if audits else []


def failing_checks(found: list[dict[str, Any]]) -> list[Figure]:
    """Checks that did not pass; no figure when all did."""
    rows = [check for check in found if check["outcome"] != "passed"]
    if not rows:
        return []
    return [
        Figure(
            slug="checks",
            title=_("Which checks did not pass?"),
            text=_("Warnings let a build through; each names who looks after it and the next step."),
            alt="",
            table=_table(
                rows,
                Column("suite", _("Suite")),
                Column("check_id", _("Check")),
                Column("severity", _("Severity")),
                Column("outcome", _("Outcome")),
                Column("observed", _("Observed")),
                Column("owner", _("Owner")),
                Column("next_step", _("Next step")),
            ),
        )
    ]


def publications(rows: list[Row]) -> Figure:
    """The latest changes of what readers see."""
    return Figure(
        slug="publications",
        title=_("What did readers see, and since when?"),
        text=_("The latest publications and roll-backs, newest first."),
        alt="",
        table=_table(
            rows,
            Column("publication_id", _("Publication")),
            Column("kind", _("Kind")),
            Column("build_id", _("Build")),
            Column("published_at", _("Published"), "moment"),
        ),
    )


def freshness(sources: list[Row], loads: list[Row], as_of: datetime) -> Figure:
    """Each source: how far it is complete, and what was delivered."""
    delivered = {row["source"]: row for row in loads}
    counts = {
        "files": _("Files"),
        "records": _("Records"),
        "loaded": _("Loaded"),
        "quarantined": _("Quarantined"),
        "filtered": _("Filtered"),
        "rejected": _("Rejected"),
        "refused": _("Refused"),
    }
    rows = [
        source
        | {"is_required": _("yes") if source["is_required"] else _("no")}
        | {name: delivered.get(source["source"], {}).get(name) for name in counts}
        for source in sources
    ]
    return Figure(
        slug="sources",
        title=_("What was delivered, and how fresh is it?"),
        text=_(
            "A source is complete through its latest event. The brand's windows close at {moment}: the instant "
            "through which all of its required sources are complete.",
            moment=wording.moment(as_of),
        ),
        alt="",
        table=_table(
            rows,
            Column("source", _("Source")),
            Column("is_required", _("Required")),
            Column("complete_through", _("Complete through"), "moment"),
            *(Column(name, label, "count") for name, label in counts.items()),
        ),
    )


def files(rows: list[Row]) -> Figure:
    """Files refused or rejected, newest first."""
    return Figure(
        slug="files",
        title=_("Which files were not taken?"),
        text=_(
            "Refused files could not be read; rejected ones failed the checks of their own. The marts hold no row of "
            "them."
        ),
        alt="",
        table=_table(
            rows,
            Column("file_name", _("File")),
            Column("source", _("Source")),
            Column("state", _("State")),
            Column("reason", _("Reason")),
            Column("finished_at", _("Read"), "moment"),
        ),
    )


def _table(rows: list[dict[str, Any]], *columns: Column) -> Table:
    return Table(columns, [tuple(row.get(column.name) for column in columns) for row in rows])
