"""Data quality's tables: checks that did not pass, freshness of sources, files not taken, publications."""

from datetime import datetime
from typing import Any

from touchline.reports import wording
from touchline.reports.content import Column, Figure, Table
from touchline.reports.context import Context
from touchline.reports.published import Row


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
            title="Which checks did not pass?",
            text="Warnings let a build through; each names who looks after it and the next step.",
            alt="",
            table=_table(
                rows,
                Column("suite", "Suite"),
                Column("check_id", "Check"),
                Column("severity", "Severity"),
                Column("outcome", "Outcome"),
                Column("observed", "Observed"),
                Column("owner", "Owner"),
                Column("next_step", "Next step"),
            ),
        )
    ]


def publications(rows: list[Row]) -> Figure:
    """The latest changes of what readers see."""
    return Figure(
        slug="publications",
        title="What did readers see, and since when?",
        text="The latest publications and roll-backs, newest first.",
        alt="",
        table=_table(
            rows,
            Column("publication_id", "Publication"),
            Column("kind", "Kind"),
            Column("build_id", "Build"),
            Column("published_at", "Published", "moment"),
        ),
    )


def freshness(sources: list[Row], loads: list[Row], as_of: datetime) -> Figure:
    """Each source: how far it is complete, and what was delivered."""
    delivered = {row["source"]: row for row in loads}
    counts = ("files", "records", "loaded", "quarantined", "filtered", "rejected", "refused")
    rows = [
        source
        | {"is_required": "yes" if source["is_required"] else "no"}
        | {name: delivered.get(source["source"], {}).get(name) for name in counts}
        for source in sources
    ]
    return Figure(
        slug="sources",
        title="What was delivered, and how fresh is it?",
        text=f"A source is complete through its latest event. The brand's windows close at {wording.moment(as_of)}: "
        "the instant through which all of its required sources are complete.",
        alt="",
        table=_table(
            rows,
            Column("source", "Source"),
            Column("is_required", "Required"),
            Column("complete_through", "Complete through", "moment"),
            *(Column(name, name.capitalize(), "count") for name in counts),
        ),
    )


def files(rows: list[Row]) -> Figure:
    """Files refused or rejected, newest first."""
    return Figure(
        slug="files",
        title="Which files were not taken?",
        text="Refused files could not be read; rejected ones failed the checks of their own. The marts hold no row of "
        "them.",
        alt="",
        table=_table(
            rows,
            Column("file_name", "File"),
            Column("source", "Source"),
            Column("state", "State"),
            Column("reason", "Reason"),
            Column("finished_at", "Read", "moment"),
        ),
    )


def _table(rows: list[dict[str, Any]], *columns: Column) -> Table:
    return Table(columns, [tuple(row.get(column.name) for column in columns) for row in rows])
