"""What an audit found as one alert, sent over real loopback servers; no secret in anything that is kept."""

import logging
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from support.receivers import Mailbox, Webhook, free_port
from touchline.alerting import channels
from touchline.alerting.alerts import Alert, Kind
from touchline.alerting.audit_alerts import LOADS, MARTS, alert_for_audit
from touchline.audit.results import AuditResult, CheckResult, Outcome, Severity

SINCE = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
RUNBOOK = "https://wiki.example.com/runbook"


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
    alert = alert_for_audit(result, LOADS, scope="shop, transactions", where=where)
    assert alert is not None
    return alert


def five_hundred_failures() -> AuditResult:
    return AuditResult(tuple(a_check(number, rows=number) for number in range(500)))


def send(alert: Alert, url: str) -> str | None:
    return channels.send(channels.Message(alert.title, alert.body(SINCE, RUNBOOK), alert.severity), SecretStr(url))


def test_five_hundred_failing_checks_are_one_message_on_each_channel(
    smtp: tuple[Mailbox, str], webhook: tuple[type[Webhook], str]
) -> None:
    alert = an_alert(five_hundred_failures())
    assert [send(alert, url) for url in (smtp[1], webhook[1])] == [None, None]
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
    assert mail["Subject"] == posted["title"] == "Audit failed: shop, transactions"
    assert posted["type"] == "failure"


def test_body_tells_what_where_how_many_which_since_whom_and_what_next() -> None:
    result = AuditResult((a_check(1, rows=3), a_check(2, outcome="passed")))
    assert an_alert(result).body(SINCE, RUNBOOK).splitlines() == [
        "What: checks that did not pass, worst first:",
        "  - raw/shop/transactions/check_001, critical check failed: 3 rows are not as expected. Reason 1.",
        "Where: load 17",
        "How many: 1 of 2 checks (1 critical)",
        "Examples: check_001: t1",
        "Since: 2026-03-01 06:30 UTC",
        "Owner: shop owner",
        "Next step: Step 1.",
        "Runbook: https://wiki.example.com/runbook#load-rejected",
    ]


def test_crash_comes_before_failure_before_warning() -> None:
    checks = (a_check(1, severity="warning", rows=9), a_check(2, rows=1), a_check(3, outcome="crashed"))
    alert = an_alert(AuditResult(checks))
    assert alert.title == "Audit could not be completed: shop, transactions"
    assert [line.split(",")[0] for line in alert.what.splitlines()[1:4]] == [
        "  - raw/shop/transactions/check_003",
        "  - raw/shop/transactions/check_002",
        "  - raw/shop/transactions/check_001",
    ]
    assert alert.how_many == "3 of 3 checks (1 crashed, 1 critical, 1 warning)"
    assert (alert.kind, alert.severity) == (Kind.AUDIT_CRASHED, "critical")


def test_an_audit_that_crashed_one_that_failed_and_one_with_warnings_are_told_apart() -> None:
    checks = (a_check(1, outcome="crashed"), a_check(1), a_check(1, severity="warning"))
    for kinds, failed, warned in (
        (LOADS, Kind.LOAD_REJECTED, Kind.LOAD_WARNINGS),
        (MARTS, Kind.AUDIT_FAILED, Kind.AUDIT_WARNINGS),
    ):
        alerts = [alert_for_audit(AuditResult((check,)), kinds, scope="x", where="y") for check in checks]
        assert [(alert.kind, alert.severity) for alert in alerts if alert] == [
            (Kind.AUDIT_CRASHED, "critical"),
            (failed, "critical"),
            (warned, "warning"),
        ]


def test_a_passed_audit_needs_no_alert() -> None:
    passed = AuditResult((a_check(1, outcome="passed"),))
    assert alert_for_audit(passed, MARTS, scope="marts", where="build 3") is None


def test_an_audit_without_checks_is_told_as_one_that_crashed() -> None:
    alert = an_alert(AuditResult(()))
    assert (alert.kind, alert.severity, alert.how_many) == (Kind.AUDIT_CRASHED, "critical", "0 checks")


def test_the_same_cause_in_another_load_has_the_same_name() -> None:
    first = an_alert(AuditResult((a_check(1, rows=3), a_check(2, rows=4))))
    again = an_alert(AuditResult((a_check(2, rows=1), a_check(1, rows=9))), where="load 18")
    assert (first.cause, first.faults) == (again.cause, again.faults)


def test_a_dead_and_a_refusing_channel_are_named(webhook: tuple[type[Webhook], str]) -> None:
    dead = free_port()
    alert = an_alert(five_hundred_failures())
    webhook[0].status = 500
    refusing = webhook[1].removeprefix("json://").partition("/")[0]
    told = "the channel is unreachable or refused the message"
    urls = [f"json://127.0.0.1:{dead}/", f"mailto://127.0.0.1:{dead}?from=a@example.com&to=b@example.com", webhook[1]]
    assert [send(alert, url) for url in urls] == [
        f"json://127.0.0.1:{dead}: {told}",
        f"mailto://127.0.0.1:{dead}: {told}",
        f"json://{refusing}: {told}",
    ]


def test_secrets_are_in_no_reason_and_no_log(
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
    reasons = [send(an_alert(five_hundred_failures()), url) for url in urls]
    assert [reason is None for reason in reasons] == [True, False, False, False, False]
    kept = repr(reasons) + caplog.text
    for secret in ("hunter2", "path-t0ken", "header-t0ken", "hook-user", "mail-user"):
        assert secret not in kept


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "workflows://prod-01.westus.logic.azure.com/643e69f83c8944/sig0nature",
        "wecombot://f0f0f0f0-aaaa-bbbb-cccc-0123456789ab",
        "dingtalk://secretabc@0123456789abcdef0123456789abcdef/",
        "feishu://0123456789abcdef0123456789abcdef",
        "mailto://owner:hunter2@example.com",
    ],
)
def test_the_documented_services_are_known(url: str) -> None:
    import apprise

    assert apprise.Apprise.instantiate(url) is not None
