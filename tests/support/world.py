"""A tiny world: four sources of two brands, and how their exports are written."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from support.reference.staged import KEYS, SourceOf

SOURCES = (
    SourceOf("till", "pos", "corner", "America/New_York", "USD"),
    SourceOf("desk", "crm", "corner", "UTC", "USD"),
    SourceOf("line", "call_center", "corner", "America/New_York"),
    SourceOf("booth", "pos", "annex", "Asia/Tokyo", "JPY"),
)
EXPORTS = {
    "till": (
        "locations",
        "transactions",
        "transaction_lines",
        "products",
        "prices",
        "employees",
        "service_observations",
        "service_checklists",
        "shifts",
        "location_hours",
        "holidays",
        "queue_tickets",
    ),
    "desk": (
        "contacts",
        "cases",
        "case_events",
        "survey_responses",
        "recoveries",
        "contact_merges",
        "segment_memberships",
        "promises",
        "service_standards",
        "survey_items",
        "management_expectations",
        "campaign_touches",
        "suggestions",
        "improvements",
        "commitments",
        "reviews",
        "referrals",
        "preferences",
        "preference_uses",
        "trainings",
    ),
    "line": ("contacts", "wait_notices", "callbacks", "agents", "agent_states"),
    "booth": ("transactions", "queue_tickets"),
}
CLOCK = "queue_tickets"
SNAPSHOTS = {("till", "locations"), ("desk", "segment_memberships")}
START = datetime(2026, 3, 1, tzinfo=UTC)
VERSIONS = datetime(2026, 6, 1, tzinfo=UTC)


def write_sources(folder: Path) -> None:
    """One file a source; columns named like the contract need no mapping.

    How far time has come is told by `queue_tickets` alone, which no model reads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        lines = [
            f"source: {source.source}",
            f"kind: {source.kind}",
            "description: a tiny export",
            f"brand: {source.brand}",
            f"timezone: {source.zone}",
            "phone_region: US",
            *([f"currency: {source.currency}"] if source.currency else []),
            f"required: {'true' if source.kind == 'pos' else 'false'}",
            "owner: me",
            "exports:",
        ]
        for export in EXPORTS[source.source]:
            files = f"{source.source}/{export}_*.csv"
            lines += [f"  - name: {export}", f"    files: [{files}]", f"    into: [{{entity: {export}}}]"]
            if (source.source, export) in SNAPSHOTS:
                lines.append("    delivery: snapshot")
            if export == CLOCK:
                lines.append("    complete_through: {column: joined_at}")
        (folder / f"{source.source}.yml").write_text("\n".join(lines) + "\n")


def to_csv(rows: list[dict[str, Any]], export: str) -> bytes:
    """The bytes of one export file."""
    names = list(rows[0]) if rows else [*KEYS[export]]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)
    return stream.getvalue().encode()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime | date) else str(value)
