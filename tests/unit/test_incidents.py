"""Incidents in a real warehouse and what reaches real loopback channels: one cause, one message."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from support.receivers import Mailbox, Webhook, free_port, webhook_server
from touchline import warehouse
from touchline.alerting import dispatch, incidents, liveness, notices, outbox
from touchline.alerting.alerts import Alert, Kind
from touchline.audit.results import AuditResult, CheckResult, Outcome, Severity
from touchline.cli.app import app
from touchline.errors import TouchlineError
from touchline.ledger import LoadOutcome
from touchline.mapping import Source
from touchline.settings import AlertRoute, Settings

ROOT = Path(__file__).resolve().parents[2]
Hook = tuple[type[Webhook], str]
ALERT = Alert(
    kind=Kind.LOCATION_FAILED,
    scope="shop",
    title="Exports cannot be fetched: shop",
    what="the store does not answer",
    where="source shop",
    how_many="nothing came",
    owner="shop owner",
    next_step="Look at the store.",
    faults=frozenset({"away"}),
)
SOURCE = Source.model_validate(
    {
        "source": "shop",
        "kind": "pos",
        "description": "A shop.",
        "owner": "shop owner",
        "alert_route": "stores",
        "exports": [{"name": "sales", "files": ["*.csv"], "into": [{"entity": "transactions"}]}],
    }
)


@pytest.fixture(scope="module")
def migrated(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("incidents")
    made = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(made)
    return made


@pytest.fixture
def settings(migrated: Settings) -> Iterator[Settings]:
    """One warehouse for all, emptied of incidents."""
    yield migrated
    engine = warehouse.engine(migrated)
    execute(engine, "truncate ops.incidents, ops.outbox restart identity")
    execute(engine, "alter table ops.outbox drop constraint if exists full_disk")
    execute(engine, "update ops.heartbeats set beaten_at = now()")
    engine.dispose()
    shutil.rmtree(migrated.home / "unheard", ignore_errors=True)


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    engine = warehouse.engine(settings)
    yield engine
    engine.dispose()


def told_to(settings: Settings, *urls: str, second: tuple[str, ...] = (), **routes: AlertRoute) -> Settings:
    changes = {
        "alert_urls": [SecretStr(url) for url in urls],
        "alert_second_urls": [SecretStr(url) for url in second],
        "alert_routes": routes,
    }
    return settings.model_copy(update=changes)


def titles(hook: Hook) -> list[str]:
    return [body["title"] for body in hook[0].received]


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def failing(*numbers: int, outcome: Outcome = "failed", severity: Severity = "critical") -> AuditResult:
    def check(number: int) -> CheckResult:
        name, key = f"check_{number}", (f"row{number}",)
        return CheckResult("marts/m", name, severity, outcome, "3 rows", 3, key, "mart owner", "Why.", "Mend it.")

    passed = CheckResult("marts/m", "other", "critical", "passed", "", None, (), "mart owner", "Why.", "Mend it.")
    return AuditResult((passed, *map(check, numbers)))


@contextmanager
def two_hooks() -> Iterator[tuple[Hook, Hook]]:
    with webhook_server() as one, webhook_server() as other:
        yield one, other


class TestOneCauseOneMessage:
    def test_repeats_are_folded_and_counted(self, settings: Settings, owner: Engine, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        for number in range(20):
            dispatch.enter(told, replace(ALERT, where=f"source shop, poll {number}"))
        assert titles(webhook) == ["Exports cannot be fetched: shop"]
        assert rows(owner, "select times_seen, place, state from ops.incidents") == [
            (20, "source shop, poll 19", "open")
        ]

    def test_five_hundred_failing_checks_build_after_build(
        self, settings: Settings, owner: Engine, webhook: Hook
    ) -> None:
        told = told_to(settings, webhook[1])
        for build_id in range(3):
            notices.build_audited(told, build_id, failing(*range(500)))
        assert titles(webhook) == ["Audit failed: marts"]
        assert rows(owner, "select times_seen, cardinality(faults) from ops.incidents") == [(3, 500)]

    def test_what_is_new_of_a_cause_is_told(self, settings: Settings, owner: Engine, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        notices.build_audited(told, 1, failing(1, 2))
        notices.build_audited(told, 2, failing(2))
        notices.build_audited(told, 3, failing(2, 3))
        assert len(webhook[0].received) == 2
        assert webhook[0].received[1]["message"].endswith("Seen: 3 times; told again because something has changed")
        assert rows(owner, "select event from ops.outbox order by message_id") == [("opened",), ("changed",)]

    def test_a_warning_that_becomes_critical_is_told(self, settings: Settings, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        dispatch.enter(told, replace(ALERT, severity="warning"))
        dispatch.enter(told, ALERT)
        dispatch.enter(told, replace(ALERT, severity="warning"))
        assert [body["type"] for body in webhook[0].received] == ["warning", "failure"]

    def test_many_at_once_open_one(self, settings: Settings, owner: Engine) -> None:
        threads = [threading.Thread(target=dispatch.enter, args=(settings, ALERT)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert rows(owner, "select times_seen, (select count(*) from ops.outbox) from ops.incidents") == [(8, 1)]

    def test_files_with_the_same_trouble_are_one_cause(self, settings: Settings, webhook: Hook) -> None:
        told = told_to(settings, stores=AlertRoute(critical=[SecretStr(webhook[1])]))
        for number in (1, 2):
            notices.files_refused(told, SOURCE, [refused(f"sales_{number}.csv", f"sales_{number}.csv: line {number}")])
        assert len(webhook[0].received) == 1
        notices.files_refused(told, SOURCE, [refused("sales_3.csv", "the header lacks total")])
        assert len(webhook[0].received) == 2


def refused(name: str, reason: str) -> LoadOutcome:
    counts = {"records": 0, "loaded": 0, "quarantined": 0, "filtered": 0}
    return LoadOutcome(
        1, "shop", "sales", name, "refused", **counts, reason=reason, is_new=True, mapping_fingerprint="x", reasons=()
    )


class TestFlapping:
    """Gone and back within the hour is one incident: told once as flapping, and its end when it has lasted."""

    def come(self, settings: Settings, **changes: Any) -> None:
        dispatch.enter(settings, replace(ALERT, **changes))

    def go(self, owner: Engine) -> None:
        assert incidents.resolve_causes(owner, [ALERT.cause]) == 1

    def test_coming_and_going_all_night_is_four_messages(
        self, settings: Settings, owner: Engine, webhook: Hook
    ) -> None:
        heard = told_to(settings, webhook[1])
        for _ in range(5):
            self.come(heard)
            outbox.deliver(owner, heard)
            self.go(owner)
            outbox.deliver(owner, heard)
        title = ALERT.title
        assert titles(webhook) == [title, f"Resolved: {title}", f"Flapping: {title}"]
        assert "1 time(s) gone and back" in webhook[0].received[-1]["message"]
        assert rows(owner, "select state, times_seen, times_reopened from ops.incidents") == [("resolved", 5, 4)]
        # An hour later it is still gone.
        execute(owner, "update ops.outbox set next_attempt_at = next_attempt_at - interval '1 hour'")
        outbox.deliver(owner, heard)
        assert titles(webhook)[3:] == [f"Resolved: {title}"]
        assert "gone and back 4 time(s)" in webhook[0].received[-1]["message"]

    def test_what_is_new_is_told_though_it_flaps(self, settings: Settings, owner: Engine, webhook: Hook) -> None:
        heard = told_to(settings, webhook[1])
        for _ in range(3):
            self.come(heard)
            self.go(owner)
        self.come(heard, faults=frozenset({"refused"}))
        outbox.deliver(owner, heard)
        assert titles(webhook)[-1] == f"Flapping: {ALERT.title}"
        assert "3 time(s) gone and back" in webhook[0].received[-1]["message"]

    def test_back_after_more_than_an_hour_is_another_incident(self, settings: Settings, owner: Engine) -> None:
        self.come(settings)
        self.go(owner)
        execute(owner, "update ops.incidents set resolved_at = now() - interval '61 minutes'")
        self.come(settings)
        found = "select state, times_reopened from ops.incidents order by incident_id"
        assert rows(owner, found) == [("resolved", 0), ("open", 0)]

    def test_what_was_resolved_by_hand_is_over(self, settings: Settings, owner: Engine) -> None:
        self.come(settings)
        incidents.resolve(owner, 1, "me", None)
        self.come(settings)
        assert rows(owner, "select count(*), sum(times_reopened) from ops.incidents") == [(2, 0)]

    def test_who_has_taken_it_on_is_left_in_peace(self, settings: Settings, owner: Engine) -> None:
        for _ in range(2):
            self.come(settings)
            self.go(owner)
        self.come(settings)
        incidents.acknowledge(owner, 1, "me", None)
        self.go(owner)
        self.come(settings)
        assert rows(owner, "select state, times_reopened from ops.incidents") == [("acknowledged", 3)]


class TestResolved:
    def test_a_notice_follows_once_when_the_cause_is_gone(self, settings: Settings, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        notices.location_failed(told, SOURCE, TouchlineError("the store does not answer"))
        for _ in range(3):
            notices.location_answers(told, SOURCE)
        assert titles(webhook) == ["Exports cannot be fetched: shop", "Resolved: Exports cannot be fetched: shop"]
        assert webhook[0].received[1]["type"] == "success"

    def test_the_next_time_is_another_incident(self, settings: Settings, owner: Engine) -> None:
        dispatch.enter(settings, ALERT)
        dispatch.resolve(settings, ALERT.cause)
        execute(owner, f"update ops.incidents set resolved_at = now() - interval '{incidents.FLAPPING}'")
        dispatch.enter(settings, ALERT)
        assert rows(owner, "select state, times_seen from ops.incidents order by incident_id") == [
            ("resolved", 1),
            ("open", 1),
        ]

    def test_an_audit_resolves_what_it_no_longer_finds(self, settings: Settings, owner: Engine) -> None:
        def still_open() -> list[tuple[Any, ...]]:
            return rows(owner, "select kind from ops.incidents where state <> 'resolved' order by 1")

        notices.build_failed(settings, 1, TouchlineError("a model failed"))
        notices.build_audited(settings, 2, failing(1))
        assert still_open() == [("audit-failed",)]
        # A crash says nothing about the data: what failed before still stands.
        notices.build_audited(settings, 3, failing(1, outcome="crashed"))
        assert still_open() == [("audit-crashed",), ("audit-failed",)]
        notices.build_audited(settings, 4, failing(1, severity="warning"))
        assert still_open() == [("audit-warnings",)]
        notices.build_audited(settings, 5, failing())
        assert still_open() == []

    def test_a_load_is_told_and_its_successor_resolves_it(self, settings: Settings, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        assert notices.load_judged(told, SOURCE, "sales", "a.csv", "12 of 40 records were set aside", None)
        assert notices.load_judged(told, SOURCE, "sales", "b.csv", "13 of 50 records were set aside", None)
        assert not notices.load_judged(told, SOURCE, "sales", "c.csv", "", failing())
        notices.loads_are_fit(told, SOURCE, "sales")
        assert titles(webhook) == ["Load rejected: shop, sales", "Resolved: Load rejected: shop, sales"]

    def test_by_hand(self, settings: Settings, owner: Engine, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        dispatch.enter(told, ALERT)
        ((number,),) = rows(owner, "select incident_id from ops.incidents")
        incidents.acknowledge(owner, number, "ann", "asked the store")
        dispatch.enter(told, ALERT)
        assert rows(owner, "select state, acknowledged_by, note from ops.incidents") == [
            ("acknowledged", "ann", "asked the store")
        ]
        # Nobody has acknowledged what is new.
        dispatch.enter(told, replace(ALERT, faults=frozenset({"other"})))
        assert rows(owner, "select state from ops.incidents") == [("open",)]
        incidents.resolve(owner, number, "ann", "mended")
        assert outbox.deliver(owner, told).delivered == 1
        assert "by ann: mended" in webhook[0].received[-1]["message"]
        with pytest.raises(TouchlineError, match=f"Incident {number} is not open"):
            incidents.acknowledge(owner, number, "ann", None)


class TestDelivery:
    def test_incident_and_message_are_written_together(self, settings: Settings, owner: Engine) -> None:
        execute(owner, "alter table ops.outbox add constraint full_disk check (title = 'never')")
        dispatch.enter(settings, ALERT)
        assert rows(owner, "select * from ops.incidents") == []

    def test_a_channel_that_is_down_gets_its_message_later(
        self, settings: Settings, owner: Engine, webhook: Hook
    ) -> None:
        down = free_port()
        told = told_to(settings, webhook[1], f"json://127.0.0.1:{down}/")
        dispatch.enter(told, ALERT)
        assert rows(owner, "select attempts, outcome, last_error from ops.outbox") == [
            (1, None, f"json://127.0.0.1:{down}: the channel is unreachable or refused the message")
        ]
        assert outbox.deliver(owner, told).waiting == 0  # not due yet
        execute(owner, "update ops.outbox set next_attempt_at = now()")
        with webhook_server() as other:
            # The message is not sent again to who has it.
            found = outbox.deliver(owner, told_to(settings, webhook[1], other[1]))
            assert (found.delivered, len(webhook[0].received), len(other[0].received)) == (1, 1, 1)

    def test_a_channel_that_answers_500_is_tried_again(self, settings: Settings, owner: Engine, webhook: Hook) -> None:
        told = told_to(settings, webhook[1])
        webhook[0].status = 500
        dispatch.enter(told, ALERT)
        assert rows(owner, "select outcome, next_attempt_at > now() from ops.outbox") == [(None, True)]
        webhook[0].status = 200
        execute(owner, "update ops.outbox set next_attempt_at = now()")
        assert outbox.deliver(owner, told).delivered == 1

    def test_a_second_channel_when_the_first_hangs(
        self, settings: Settings, owner: Engine, smtp: tuple[Mailbox, str]
    ) -> None:
        with webhook_server() as hanging:
            hanging[0].hangs = threading.Event()
            # Half a second instead of Apprise's four: what is shown is that somebody gives up at all.
            told = told_to(settings, f"{hanging[1]}&rto=0.5&cto=0.5", second=(smtp[1],))
            dispatch.enter(told, ALERT)
        assert [mail["Subject"] for mail in smtp[0].mails] == ["Exports cannot be fetched: shop"]
        assert rows(owner, "select outcome from ops.outbox") == [("delivered",)]

    def test_a_channel_that_does_not_answer_is_asked_once_a_round(self, settings: Settings, owner: Engine) -> None:
        for number in range(5):
            incidents.enter(owner, replace(ALERT, scope=f"shop {number}"), "runbook.md")
        with webhook_server() as refusing:
            refusing[0].status = 503
            found = outbox.deliver(owner, told_to(settings, refusing[1]))
            assert (found.waiting, len(refusing[0].received)) == (5, 1)

    def test_a_message_nobody_took_for_days_is_given_up(self, settings: Settings, owner: Engine) -> None:
        told = told_to(settings, f"json://127.0.0.1:{free_port()}/")
        dispatch.enter(told, ALERT)
        execute(owner, "update ops.outbox set next_attempt_at = now(), created_at = now() - interval '4 days'")
        assert outbox.deliver(owner, told).given_up == 1
        assert rows(owner, "select outcome from ops.outbox") == [("given_up",)]

    def test_without_a_channel_the_log_is_told(
        self, settings: Settings, owner: Engine, caplog: pytest.LogCaptureFixture
    ) -> None:
        dispatch.enter(settings, ALERT)
        assert "the store does not answer" in caplog.text
        assert rows(owner, "select outcome from ops.outbox") == [("no_channel",)]

    def test_no_secret_of_a_channel_is_in_the_warehouse(self, settings: Settings, owner: Engine) -> None:
        dead = f"json://user:hunter2@127.0.0.1:{free_port()}/path-t0ken?+X-Auth=header-t0ken"
        dispatch.enter(told_to(settings, dead), ALERT)
        kept = repr(rows(owner, "select outbox::text from ops.outbox"))
        assert not [secret for secret in ("hunter2", "path-t0ken", "header-t0ken") if secret in kept]


class TestRoutes:
    def test_by_source_and_severity(self, settings: Settings) -> None:
        with two_hooks() as (stores, others):
            routes = {
                "stores": AlertRoute(critical=[SecretStr(stores[1])], warning=[]),
                "default": AlertRoute(critical=[SecretStr(others[1])]),
            }
            told = told_to(settings, **routes)
            notices.location_failed(told, SOURCE, TouchlineError("away"))
            notices.load_judged(told, SOURCE, "sales", "a.csv", "", failing(1, severity="warning"))
            notices.build_failed(told, 1, TouchlineError("a model failed"))
            notices.location_failed(told, SOURCE.model_copy(update={"source": "b", "alert_route": "x"}), ERROR)
            assert titles(stores) == ["Exports cannot be fetched: shop"]
            assert titles(others) == ["Warehouse build failed", "Exports cannot be fetched: b"]

    def test_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        document = {"stores": {"critical": ["json://a"], "second": ["mailto://b"]}}
        monkeypatch.setenv("TOUCHLINE_ALERT_ROUTES", json.dumps(document))
        monkeypatch.setenv("TOUCHLINE_ALERT_URLS", "")
        read = Settings()
        assert (read.alert_urls, read.alert_routes["stores"].second) == ([], [SecretStr("mailto://b")])


ERROR = TouchlineError("the store does not answer")


class TestDigest:
    def test_once_a_day_and_route_with_what_is_open_and_what_was_resolved(
        self, settings: Settings, owner: Engine, webhook: Hook
    ) -> None:
        quiet = AlertRoute(critical=[], digest=[SecretStr(webhook[1])])
        told = told_to(settings, default=quiet)
        assert dispatch.digest(told)[0] == 0
        notices.build_failed(told, 1, TouchlineError("a model failed"))
        dispatch.enter(told, ALERT)
        dispatch.resolve(told, ALERT.cause)
        before = datetime.now(UTC)
        assert [dispatch.digest(told)[0] for _ in range(2)] == [1, 0]
        (body,) = webhook[0].received
        days = {f"{at:%Y-%m-%d}" for at in (before, datetime.now(UTC))}
        assert body["title"] in {f"Touchline, {day}: 1 open, 1 resolved" for day in days}
        assert [line.split(",")[0] for line in body["message"].splitlines()[:2]] == ["#1 open", "#2 resolved"]


class TestDeadMansSwitch:
    def test_a_good_run_asks_the_monitor(self, settings: Settings, webhook: Hook) -> None:
        host = webhook[1].removeprefix("json://").partition("/")[0]
        monitored = settings.model_copy(update={"heartbeat_url": SecretStr(f"http://{host}/ping/t0ken")})
        notices.run_ended_well(monitored)
        assert webhook[0].asked == ["/ping/t0ken"]

    def test_a_monitor_that_is_down_does_not_stop_a_run(
        self, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = SecretStr(f"http://127.0.0.1:{free_port()}/ping/t0ken")
        notices.run_ended_well(settings.model_copy(update={"heartbeat_url": url}))
        assert "was not reached" in caplog.text
        assert "t0ken" not in caplog.text

    def test_an_alert_when_no_run_ends_and_a_notice_when_one_does(
        self, settings: Settings, owner: Engine, webhook: Hook
    ) -> None:
        told = told_to(settings, webhook[1])
        # 26 hours are allowed.
        execute(owner, "update ops.heartbeats set beaten_at = now() - interval '25 hours'")
        assert liveness.overdue(owner, told) is None
        execute(owner, "update ops.heartbeats set beaten_at = now() - interval '27 hours'")
        for _ in range(3):
            dispatch.deliver(told)
        notices.run_ended_well(told)
        name = "No run has ended well for too long"
        assert titles(webhook) == [name, f"Resolved: {name}"]


def test_while_the_warehouse_is_away_one_message_goes_out_and_the_rest_when_it_is_back(
    settings: Settings, owner: Engine, webhook: Hook
) -> None:
    told = told_to(settings, webhook[1])
    away = told.model_copy(update={"database_url": SecretStr(f"postgresql://nobody@127.0.0.1:{free_port()}/x")})
    for number in range(4):
        dispatch.enter(away, replace(ALERT, scope=f"shop {number % 2}", title=f"Trouble of shop {number % 2}"))
    assert titles(webhook) == ["The warehouse is away"]
    dispatch.deliver(told)
    assert sorted(titles(webhook)[1:]) == ["Resolved: The warehouse is away", "Trouble of shop 0", "Trouble of shop 1"]
    assert rows(owner, "select kind, state from ops.incidents order by 1, 2") == [
        ("location-failed", "open"),
        ("location-failed", "open"),
        ("warehouse-away", "resolved"),
    ]


def test_commands(settings: Settings, owner: Engine, webhook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    down = f"json://127.0.0.1:{free_port()}/"
    told = told_to(settings, down)
    monkeypatch.setattr("touchline.cli.operate.get_settings", lambda: told)
    dispatch.enter(told, ALERT)
    runner = CliRunner()

    def command(*arguments: str) -> Any:
        done = runner.invoke(app, list(arguments))
        return json.loads(done.stdout) if "--json" in arguments and done.stdout else done

    (listed,) = command("incidents", "list", "--json")
    assert (listed["state"], listed["kind"]) == ("open", "location-failed")
    number = str(listed["incident_id"])
    assert command("incidents", "acknowledge", number, "--note", "mine").exit_code == 0
    shown = command("incidents", "show", number, "--json")
    assert (shown["state"], shown["note"], shown["runbook"]) == (
        "acknowledged",
        "mine",
        "docs/runbook.md#location-failed",
    )
    assert [message["outcome"] for message in shown["messages"]] == ["waiting"]
    execute(owner, "update ops.outbox set next_attempt_at = now()")
    assert command("alerts", "deliver").exit_code == 1
    monkeypatch.setattr("touchline.cli.operate.get_settings", lambda: told_to(settings, webhook[1]))
    execute(owner, "update ops.outbox set next_attempt_at = now()")
    assert command("alerts", "deliver", "--json")["delivered"] == 1
    assert command("incidents", "resolve", number).exit_code == 0
    assert command("incidents", "list", "--json") == []
    assert command("alerts", "digest", "--json")["delivered"] == 1
    assert [title.partition(":")[0] for title in titles(webhook)][:2] == [
        "Exports cannot be fetched",
        "Resolved",
    ]
    assert isinstance(command("incidents", "show", "999").exception, TouchlineError)


class TestLateRuns:
    def test_a_late_run_is_told_once_and_over_when_it_has_ended(
        self, settings: Settings, owner: Engine, webhook: Hook
    ) -> None:
        told, due = told_to(settings, webhook[1]), datetime(2026, 7, 1, 4, tzinfo=UTC)
        for run in ("one", "two"):
            notices.run_late(told, "build_warehouse", run, "data-platform", due)
        assert titles(webhook) == ["DAG late: build_warehouse"]
        assert "2026-07-01 04:00 UTC" in webhook[0].received[0]["message"]
        notices.run_not_late(told, "build_warehouse")
        assert titles(webhook) == ["DAG late: build_warehouse", "Resolved: DAG late: build_warehouse"]
        assert rows(owner, "select state, severity, times_seen from ops.incidents") == [("resolved", "warning", 2)]

    def test_only_a_run_that_began_later_says_that_the_one_before_is_over(
        self, settings: Settings, owner: Engine
    ) -> None:
        notices.run_late(settings, "build_warehouse", "one", "data-platform", datetime(2026, 7, 1, tzinfo=UTC))
        ((seen,),) = rows(owner, "select last_seen_at from ops.incidents")
        notices.run_not_late(settings, "build_warehouse", seen)  # the late run itself began before it was late
        assert rows(owner, "select state from ops.incidents") == [("open",)]
        notices.run_not_late(settings, "build_warehouse", seen + timedelta(seconds=1))
        assert rows(owner, "select state from ops.incidents") == [("resolved",)]
