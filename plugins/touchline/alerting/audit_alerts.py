"""What an audit found, as one alert."""

from collections import Counter
from collections.abc import Mapping

from touchline.alerting.alerts import DEFAULT_ROUTE, Alert, Kind
from touchline.audit.results import AuditResult, CheckResult, Verdict

SHOWN_CHECKS = 5

MARTS: Mapping[Verdict, Kind] = {
    "crashed": Kind.AUDIT_CRASHED,
    "failed": Kind.AUDIT_FAILED,
    "passed_with_warnings": Kind.AUDIT_WARNINGS,
}
LOADS: Mapping[Verdict, Kind] = {
    "crashed": Kind.AUDIT_CRASHED,
    "failed": Kind.LOAD_REJECTED,
    "passed_with_warnings": Kind.LOAD_WARNINGS,
}
_TITLES: Mapping[Verdict, str] = {
    "crashed": "Audit could not be completed",
    "failed": "Audit failed",
    "passed_with_warnings": "Audit passed with warnings",
}


def alert_for_audit(
    result: AuditResult, kinds: Mapping[Verdict, Kind], *, scope: str, where: str, route: str = DEFAULT_ROUTE
) -> Alert | None:
    """All failing checks of one audit as one alert, worst first; None when every check passed.

    `scope` names what recurs (a source's export, the marts), `where` is this load or build.
    """
    failing = result.failing
    if not failing and result.verdict != "crashed":
        return None
    return Alert(
        kind=kinds[result.verdict],
        scope=scope,
        title=f"{_TITLES[result.verdict]}: {scope}",
        what=_what(failing),
        where=where,
        how_many=_count(result),
        example_keys=tuple(f"{check.check_id}: {key}" for check in failing for key in check.example_keys[:1])[:5],
        owner=", ".join(dict.fromkeys(check.owner for check in failing)) or "data platform",
        next_step=failing[0].next_step if failing else "Look into the log of the audit step, then run it again.",
        severity="warning" if result.verdict == "passed_with_warnings" else "critical",
        faults=frozenset(f"{check.suite}/{check.check_id}/{check.outcome}" for check in failing),
        route=route,
    )


def _what(failing: tuple[CheckResult, ...]) -> str:
    if not failing:
        return "no check ran, so nothing is known about the data"
    described = [_describe(check) for check in failing[:SHOWN_CHECKS]]
    if (hidden := len(failing) - SHOWN_CHECKS) > 0:
        described.append(f"and {hidden} more")
    return "\n  - ".join(["checks that did not pass, worst first:", *described])


def _describe(check: CheckResult) -> str:
    label = "crashed" if check.outcome == "crashed" else f"{check.severity} check failed"
    return f"{check.suite}/{check.check_id}, {label}: {check.observed}. {check.why}"


def _count(result: AuditResult) -> str:
    if not result.checks:
        return "0 checks"
    counted = Counter("crashed" if c.outcome == "crashed" else c.severity for c in result.failing)
    parts = [f"{counted[name]} {name}" for name in ("crashed", "critical", "warning") if counted[name]]
    return f"{len(result.failing)} of {len(result.checks)} checks ({', '.join(parts)})"
