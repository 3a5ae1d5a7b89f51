"""Failed checks of builds that somebody answers for, with a reason and for a time (`ops.check_overrides`)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, text

from touchline.audit.results import AuditResult, CheckResult
from touchline.errors import TouchlineError

_AUDIT = text("select verdict, result from ops.audits where build_id = :id order by audit_id desc limit 1")
_ACCEPT = text("""
    insert into ops.check_overrides (build_id, suite, check_id, reason, accepted_by, expires_at)
    values (:build_id, :suite, :check_id, :reason, :accepted_by, :expires_at)
""")
_VALID = text("""
    select distinct on (suite, check_id) suite, check_id, reason, accepted_by, expires_at
    from ops.check_overrides where expires_at > now() order by suite, check_id, override_id desc
""")


def accept(
    engine: Engine, build_id: int, *, reason: str, accepted_by: str, expires_at: datetime, only: Collection[str] = ()
) -> list[str]:
    """Answer for the critical checks that failed in a build's audit, or for `only` these (`suite/check`); their names.

    A check that crashed cannot be answered for: nothing is known about its data. Raises TouchlineError for it, for a
    build without a failed audit, and for a check that has not failed.
    """
    with engine.begin() as connection:
        audit = connection.execute(_AUDIT, {"id": build_id}).first()
        failed = _failed(build_id, audit.result["checks"] if audit else [])
        if unknown := sorted(set(only) - set(failed)):
            todo = f"failed: {', '.join(failed)}"
            raise TouchlineError(f"Not failed in build {build_id}: {', '.join(unknown)}", where="--check", todo=todo)
        names = [name for name in failed if not only or name in only]
        for name in names:
            suite, _, check_id = name.rpartition("/")
            values = {"build_id": build_id, "suite": suite, "check_id": check_id, "reason": reason}
            connection.execute(_ACCEPT, values | {"accepted_by": accepted_by, "expires_at": expires_at})
    return names


def apply(engine: Engine, result: AuditResult) -> AuditResult:
    """The result with every failed critical check that is answered for as a warning that says by whom and how long."""
    with engine.connect() as connection:
        valid = {(row.suite, row.check_id): row for row in connection.execute(_VALID)}

    def judged(check: CheckResult) -> CheckResult:
        row = valid.get((check.suite, check.check_id))
        if row is None or check.outcome != "failed" or check.severity != "critical":
            return check
        answered = f"accepted by {row.accepted_by} until {row.expires_at:%Y-%m-%d}: {row.reason}"
        return replace(check, severity="warning", observed=f"{check.observed} ({answered})")

    return replace(result, checks=tuple(map(judged, result.checks)))


def _failed(build_id: int, checks: list[dict[str, str]]) -> list[str]:
    crashed = [f"{check['suite']}/{check['check_id']}" for check in checks if check["outcome"] == "crashed"]
    if crashed:
        raise TouchlineError(
            f"Checks of build {build_id} crashed: {', '.join(crashed[:3])}",
            where="ops.audits",
            todo="nothing is known about their data, so nobody can answer for it: see the runbook, audit-crashed",
        )
    failed = [c for c in checks if (c["outcome"], c["severity"]) == ("failed", "critical")]
    if not failed:
        raise TouchlineError(
            f"No critical check has failed in an audit of build {build_id}",
            where="ops.audits",
            todo="see `touchline status`",
        )
    return [f"{check['suite']}/{check['check_id']}" for check in failed]
