"""Alerts: one cause, one readable message, sent over every channel that is set (Apprise URLs).

Channel URLs carry passwords and tokens, so only a shortened form of them ever leaves this module.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from touchline.audit_results import AuditResult, CheckResult

if TYPE_CHECKING:
    from apprise import NotifyBase

AlertSeverity = Literal["critical", "warning", "resolved"]

SHOWN_CHECKS = 5
SHOWN_KEYS = 5

_TITLES = {
    "crashed": "Audit could not be completed",
    "failed": "Audit failed",
    "passed_with_warnings": "Audit passed with warnings",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """What an owner must know about one cause. `example_keys` are keys of rows, never personal data."""

    title: str
    what: str
    where: str
    how_many: str
    example_keys: tuple[str, ...]
    since: datetime
    owner: str
    next_step: str
    runbook: str
    severity: AlertSeverity
    dedup_key: str

    @property
    def body(self) -> str:
        """The message as plain text, one fact a line."""
        keys = ", ".join(self.example_keys[:SHOWN_KEYS]) or "none to show"
        lines = [
            f"What: {self.what}",
            f"Where: {self.where}",
            f"How many: {self.how_many}",
            f"Examples: {keys}",
            f"Since: {self.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            f"Owner: {self.owner}",
            f"Next step: {self.next_step}",
            f"Runbook: {self.runbook}",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class ChannelFailure:
    """A channel that did not take the alert, and why."""

    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Which channels took an alert; channels are named without user, password, path or token."""

    delivered: tuple[str, ...]
    failed: tuple[ChannelFailure, ...]

    @property
    def is_delivered(self) -> bool:
        """Whether at least one channel took the alert."""
        return bool(self.delivered)


def send(alert: Alert, urls: Sequence[str]) -> Delivery:
    """Send the alert once over every Apprise URL; a channel that fails does not stop the others."""
    delivered: list[str] = []
    failed: list[ChannelFailure] = []
    with _quiet_channels():
        for number, url in enumerate(urls, 1):
            channel, reason = _send_to(alert, url, number)
            if reason is None:
                delivered.append(channel)
            else:
                failed.append(ChannelFailure(channel, reason))
    return Delivery(tuple(delivered), tuple(failed))


def alert_for_audit(result: AuditResult, *, scope: str, where: str, since: datetime, runbook: str) -> Alert | None:
    """All failing checks of one audit as one alert, worst first; None when every check passed.

    `scope` names what recurs (a source's entity, the marts) and keys repeats; `where` is this load or build.
    """
    failing = result.failing
    if not failing:
        return _alert_for_nothing_run(scope, where, since, runbook) if result.verdict == "crashed" else None
    shown, hidden = failing[:SHOWN_CHECKS], len(failing) - SHOWN_CHECKS
    described = [_describe(check) for check in shown]
    if hidden > 0:
        described.append(f"and {hidden} more")
    return Alert(
        title=f"{_TITLES[result.verdict]}: {scope}",
        what="\n  - ".join(["checks that did not pass, worst first:", *described]),
        where=where,
        how_many=_count(result),
        example_keys=tuple(f"{check.check_id}: {key}" for check in shown for key in check.example_keys[:1]),
        since=since,
        owner=", ".join(dict.fromkeys(check.owner for check in failing)),
        next_step=failing[0].next_step,
        runbook=runbook,
        severity="warning" if result.verdict == "passed_with_warnings" else "critical",
        dedup_key=_dedup_key(scope, failing),
    )


def _alert_for_nothing_run(scope: str, where: str, since: datetime, runbook: str) -> Alert:
    return Alert(
        title=f"{_TITLES['crashed']}: {scope}",
        what="no check ran, so nothing is known about the data",
        where=where,
        how_many="0 checks",
        example_keys=(),
        since=since,
        owner="data platform",
        next_step="Look into the log of the audit step, then run it again.",
        runbook=runbook,
        severity="critical",
        dedup_key=_dedup_key(scope, ()),
    )


def _describe(check: CheckResult) -> str:
    label = "crashed" if check.outcome == "crashed" else f"{check.severity} check failed"
    return f"{check.suite}/{check.check_id}, {label}: {check.observed}. {check.why}"


def _count(result: AuditResult) -> str:
    counted = Counter("crashed" if c.outcome == "crashed" else c.severity for c in result.failing)
    parts = [f"{counted[name]} {name}" for name in ("crashed", "critical", "warning") if counted[name]]
    return f"{len(result.failing)} of {len(result.checks)} checks ({', '.join(parts)})"


def _dedup_key(scope: str, failing: Sequence[CheckResult]) -> str:
    # The load or build number stays out: the next load with the same trouble is the same cause.
    causes = "\n".join(sorted(f"{check.suite}/{check.check_id}/{check.outcome}" for check in failing))
    return f"audit/{scope}/{sha256(causes.encode()).hexdigest()[:16]}"


def is_understood(url: str) -> bool:
    """Whether Apprise knows the URL's service and form; nothing is sent."""
    import apprise

    with _quiet_channels():
        return apprise.Apprise.instantiate(url) is not None


def _send_to(alert: Alert, url: str, number: int) -> tuple[str, str | None]:
    """The channel's name and why it did not take the alert (None: it did)."""
    import apprise

    plugin = apprise.Apprise.instantiate(url)
    if plugin is None:
        return f"channel {number}", "the URL is not one that Apprise understands"
    types = {
        "critical": apprise.NotifyType.FAILURE,
        "warning": apprise.NotifyType.WARNING,
        "resolved": apprise.NotifyType.SUCCESS,
    }
    channel = apprise.Apprise()
    channel.add(plugin)
    try:
        is_sent = channel.notify(
            title=alert.title,
            body=alert.body,
            notify_type=types[alert.severity],
            body_format=apprise.NotifyFormat.TEXT,
        )
    except Exception as error:  # noqa: BLE001 - a broken channel must not keep the others from being told
        return _channel_name(plugin, number), f"the channel raised {type(error).__name__}"
    return _channel_name(plugin, number), None if is_sent else "the channel is unreachable or refused the message"


def _channel_name(plugin: "NotifyBase", number: int) -> str:
    # Apprise masks passwords only: webhook paths and headers, where tokens also live, are cut off.
    parts = urlsplit(str(plugin.url(privacy=True)))  # type: ignore[no-untyped-call]
    return f"channel {number} ({parts.scheme}://{parts.netloc.rpartition('@')[2]})"


@contextmanager
def _quiet_channels() -> Iterator[None]:
    # Apprise logs URLs it cannot read and addresses it writes to; urllib3 logs paths, where tokens live.
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    levels = [channel_logger.level for channel_logger in loggers]
    for channel_logger in loggers:
        channel_logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for channel_logger, level in zip(loggers, levels, strict=True):
            channel_logger.setLevel(level)
