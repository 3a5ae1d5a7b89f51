"""Alerts over real loopback servers: one cause, one message, and no secret in anything that is kept."""

import logging
from datetime import UTC, datetime

import pytest

from support.receivers import Mailbox, Webhook, free_port
from touchline.alerts import Alert, alert_for_audit, send
from touchline.audit_results import AuditResult, CheckResult, Outcome, Severity

SINCE = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
RUNBOOK = "docs/runbooks/audits.md"


def a_check(
    number: int, outcome: Outcome = "failed", severity: Severity = "critical", rows: int | None = None
) -> CheckResult:
    return CheckResult(
        suite="raw/shop/transactions",
        check_id=f"check_{number:03}",
        severity=severity,
        outcome=outcome,
        observed=f"{rows} rows are not as expected",
        unexpected_count=rows,
        example_keys=(f"t{number}", f"u{number}"),
        owner="shop owner",
        why=f"Reason {number}.",
        next_step=f"Step {number}.",
    )


def an_alert(result: AuditResult, where: str = "load 17") -> Alert:
    alert = alert_for_audit(result, scope="shop/transactions", where=where, since=SINCE, runbook=RUNBOOK)
    assert alert is not None
    return alert


def five_hundred_failures() -> AuditResult:
    return AuditResult(tuple(a_check(number, rows=number) for number in range(500)))


def test_five_hundred_failing_checks_are_one_message_on_each_channel(
    smtp: tuple[Mailbox, str], webhook: tuple[type[Webhook], str]
) -> None:
    delivery = send(an_alert(five_hundred_failures()), [smtp[1], webhook[1]])
    assert len(delivery.delivered) == 2
    assert delivery.failed == ()
    (mail,) = smtp[0].mails
    (posted,) = webhook[0].received
    part = mail.get_body(preferencelist=("plain", "html"))
    assert part is not None
    for text in (part.get_content(), posted["message"]):
        # The most rows first; 500 - 5 shown = 495.
        positions = [text.index(f"check_{number}, critical check failed") for number in (499, 498, 497, 496, 495)]
        assert positions == sorted(positions)
        assert "check_494" not in text
        assert "and 495 more" in text
    assert mail["Subject"] == posted["title"] == "Audit failed: shop/transactions"
    assert posted["type"] == "failure"


def test_body_tells_what_where_how_many_which_since_whom_and_what_next() -> None:
    result = AuditResult((a_check(1, rows=3), a_check(2, outcome="passed")))
    assert an_alert(result).body.splitlines() == [
        "What: checks that did not pass, worst first:",
        "  - raw/shop/transactions/check_001, critical check failed: 3 rows are not as expected. Reason 1.",
        "Where: load 17",
        "How many: 1 of 2 checks (1 critical)",
        "Examples: check_001: t1",
        "Since: 2026-03-01 06:30 UTC",
        "Owner: shop owner",
        "Next step: Step 1.",
        f"Runbook: {RUNBOOK}",
    ]


def test_crash_comes_before_failure_before_warning() -> None:
    checks = (a_check(1, severity="warning", rows=9), a_check(2, rows=1), a_check(3, outcome="crashed"))
    alert = an_alert(AuditResult(checks))
    assert alert.title == "Audit could not be completed: shop/transactions"
    assert [line.split(",")[0] for line in alert.body.splitlines()[1:4]] == [
        "  - raw/shop/transactions/check_003",
        "  - raw/shop/transactions/check_002",
        "  - raw/shop/transactions/check_001",
    ]
    assert alert.how_many == "3 of 3 checks (1 crashed, 1 critical, 1 warning)"
    assert alert.severity == "critical"


def test_warnings_alone_make_a_warning() -> None:
    alert = an_alert(AuditResult((a_check(1, severity="warning"),)))
    assert (alert.severity, alert.title) == ("warning", "Audit passed with warnings: shop/transactions")


def test_a_passed_audit_needs_no_alert() -> None:
    passed = AuditResult((a_check(1, outcome="passed"),))
    assert alert_for_audit(passed, scope="marts", where="build 3", since=SINCE, runbook=RUNBOOK) is None


def test_an_audit_without_checks_is_told() -> None:
    alert = an_alert(AuditResult(()))
    assert (alert.severity, alert.how_many) == ("critical", "0 checks")


def test_same_cause_in_another_load_has_the_same_key() -> None:
    first = an_alert(AuditResult((a_check(1, rows=3), a_check(2, rows=4))))
    again = an_alert(AuditResult((a_check(2, rows=1), a_check(1, rows=9))), where="load 18")
    other = an_alert(AuditResult((a_check(1, rows=3),)))
    crashed = an_alert(AuditResult((a_check(1, outcome="crashed"),)))
    assert first.dedup_key == again.dedup_key
    assert len({first.dedup_key, other.dedup_key, crashed.dedup_key}) == 3


def test_unreachable_channels_are_reported_and_stop_no_other(webhook: tuple[type[Webhook], str]) -> None:
    dead = free_port()
    urls = [f"json://127.0.0.1:{dead}/", f"mailto://127.0.0.1:{dead}?from=a@example.com&to=b@example.com", webhook[1]]
    delivery = send(an_alert(five_hundred_failures()), urls)
    assert [failure.channel for failure in delivery.failed] == [
        f"channel 1 (json://127.0.0.1:{dead})",
        f"channel 2 (mailto://127.0.0.1:{dead})",
    ]
    assert delivery.is_delivered
    assert len(webhook[0].received) == 1


def test_refused_message_is_not_delivered(webhook: tuple[type[Webhook], str]) -> None:
    webhook[0].status = 500
    delivery = send(an_alert(five_hundred_failures()), [webhook[1]])
    assert not delivery.is_delivered
    assert len(delivery.failed) == 1


def test_secrets_are_in_no_delivery_and_no_log(
    webhook: tuple[type[Webhook], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    dead = free_port()
    urls = [
        webhook[1].replace("json://", "json://hook-user:hunter2@"),
        f"json://hook-user:hunter2@127.0.0.1:{dead}/path-t0ken?+X-Auth=header-t0ken",
        f"mailto://mail-user:hunter2@127.0.0.1:{dead}?from=a@example.com&to=owner@example.com",
        "nosuchservice://hook-user:hunter2@127.0.0.1/path-t0ken",
        "hunter2 without a scheme",
    ]
    delivery = send(an_alert(five_hundred_failures()), urls)
    assert (len(delivery.delivered), len(delivery.failed)) == (1, 4)
    kept = repr(delivery) + caplog.text
    for secret in ("hunter2", "path-t0ken", "header-t0ken", "hook-user", "mail-user"):
        assert secret not in kept
