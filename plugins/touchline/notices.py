"""Which alert goes out for which failure; one cause, one message."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from touchline import alerts
from touchline.audit_results import AuditResult
from touchline.errors import TouchlineError
from touchline.ledger import LoadOutcome
from touchline.settings import Settings

RUNBOOK = "docs/runbook.md"

log = logging.getLogger(__name__)


def files_refused(settings: Settings, source: str, owner: str, refused: Sequence[LoadOutcome]) -> None:
    """Tell the source's owner which files could not be read at all."""
    send(
        settings,
        alerts.Alert(
            title=f"Export files refused: {source}",
            what="\n  - ".join(["files that could not be read:", *(f"{o.file_name}: {o.reason}" for o in refused)]),
            where=f"source {source}",
            how_many=f"{len(refused)} file(s); no row of them is in the warehouse",
            example_keys=(),
            since=datetime.now(UTC),
            owner=owner,
            next_step="Deliver the file again, or mend its mapping; the next run reads it.",
            runbook=f"{RUNBOOK}#file-refused",
            severity="critical",
            dedup_key=f"refused:{source}",
        ),
    )


def location_failed(settings: Settings, source: str, owner: str, error: TouchlineError) -> None:
    """Tell the source's owner that its exports cannot be had."""
    send(
        settings,
        alerts.Alert(
            title=f"Exports cannot be fetched: {source}",
            what=error.what,
            where=error.where or f"source {source}",
            how_many="no row of what could not be fetched is in the warehouse",
            example_keys=(),
            since=datetime.now(UTC),
            owner=owner,
            next_step=error.todo or "Run again.",
            runbook=f"{RUNBOOK}#location-failed",
            severity="critical",
            dedup_key=f"location:{source}",
        ),
    )


def load_rejected(settings: Settings, source: str, owner: str, where: str, reason: str, result: AuditResult) -> None:
    """Tell the source's owner why a load is not built upon; warnings alone are told, too."""
    anchor = f"{RUNBOOK}#load-rejected"
    alert = alerts.alert_for_audit(
        result, scope=f"source {source}", where=where, since=datetime.now(UTC), runbook=anchor
    )
    if alert is None and reason:
        alert = alerts.Alert(
            title=f"Load rejected: {source}",
            what=reason,
            where=where,
            how_many="the whole load waits",
            example_keys=(),
            since=datetime.now(UTC),
            owner=owner,
            next_step="`touchline quarantine list` names the records; deliver a corrected export or mend the mapping.",
            runbook=anchor,
            severity="critical",
            dedup_key=f"rejected:{source}",
        )
    if alert:
        send(settings, alert)


def build_audited(settings: Settings, build_id: int, result: AuditResult) -> None:
    """Tell the warehouse's owners what a build's audit found; nothing is sent when all passed."""
    alert = alerts.alert_for_audit(
        result,
        scope="marts",
        where=f"build {build_id}, schema marts_next",
        since=datetime.now(UTC),
        runbook=f"{RUNBOOK}#audit-failed",
    )
    if alert:
        send(settings, alert)


def build_failed(settings: Settings, build_id: int | None, error: TouchlineError) -> None:
    """Tell the warehouse's owners that a build could not be made."""
    send(
        settings,
        alerts.Alert(
            title="Warehouse build failed",
            what=error.what,
            where=error.where or f"build {build_id}",
            how_many="the whole build; readers still see the last good one",
            example_keys=(),
            since=datetime.now(UTC),
            owner="data platform",
            next_step=error.todo or "Look into the log of the step, then run again.",
            runbook=f"{RUNBOOK}#{error.runbook}" if error.runbook else f"{RUNBOOK}#build-failed",
            severity="critical",
            dedup_key="build",
        ),
    )


def send(settings: Settings, alert: alerts.Alert) -> None:
    """Send over every channel set; a channel that fails is logged, never raised."""
    delivery = alerts.send(alert, [url.get_secret_value() for url in settings.alert_urls])
    for failure in delivery.failed:
        log.error("alert '%s' did not reach %s: %s", alert.title, failure.channel, failure.reason)
    if not delivery.is_delivered:
        log.warning("alert '%s' reached no channel\n%s", alert.title, alert.body)
