"""Alerts: what an owner must know about one cause, as plain data and as a readable message."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

Severity = Literal["critical", "warning"]
MessageSeverity = Literal["critical", "warning", "resolved", "digest"]

SHOWN_KEYS = 5
DEFAULT_ROUTE = "default"
BUILD = "warehouse"
"""Scope of what concerns the warehouse as a whole."""


class Kind(StrEnum):
    """Kinds of incidents; each is the name of its section in the runbook."""

    FILE_REFUSED = "file-refused"
    LOCATION_FAILED = "location-failed"
    LOAD_REJECTED = "load-rejected"
    LOAD_WARNINGS = "load-warnings"
    AUDIT_FAILED = "audit-failed"
    AUDIT_CRASHED = "audit-crashed"
    AUDIT_WARNINGS = "audit-warnings"
    BUILD_FAILED = "build-failed"
    COMPONENT_TOO_LARGE = "component-too-large"
    DAG_FAILED = "dag-failed"
    DAG_LATE = "dag-late"
    LEFT_BEHIND = "left-behind"
    WAREHOUSE_AWAY = "warehouse-away"
    RUN_OVERDUE = "run-overdue"


@dataclass(frozen=True, slots=True)
class Alert:
    """What an owner must know about one cause. `example_keys` are keys of rows, never personal data.

    `kind` and `scope` (a source's export, the marts) name the cause; the number of a load or build belongs into
    `where`. `faults` are what of it was found: a repeat with none but known faults is counted and not told again.
    """

    kind: Kind
    scope: str
    title: str
    what: str
    where: str
    how_many: str
    owner: str
    next_step: str
    severity: Severity = "critical"
    example_keys: tuple[str, ...] = ()
    faults: frozenset[str] = frozenset()
    route: str = DEFAULT_ROUTE

    @property
    def cause(self) -> str:
        """What repeats are recognised by."""
        return cause_of(self.kind, self.scope)

    def body(self, since: datetime, runbook: str) -> str:
        """The message as plain text, one fact a line. `runbook` is the address of the page."""
        lines = [
            f"What: {self.what}",
            f"Where: {self.where}",
            f"How many: {self.how_many}",
            f"Examples: {', '.join(self.example_keys[:SHOWN_KEYS]) or 'none to show'}",
            f"Since: {instant(since)}",
            f"Owner: {self.owner}",
            f"Next step: {self.next_step}",
            f"Runbook: {runbook}#{self.kind}",
        ]
        return "\n".join(lines)


def cause_of(kind: Kind, scope: str) -> str:
    """The name of a cause."""
    return f"{kind}/{scope}"


def instant(moment: datetime) -> str:
    """A time as messages write it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
