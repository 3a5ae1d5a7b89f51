"""`touchline status` holds sources against their promise; `touchline metrics` says the same in Prometheus' format.

The format is read by a parser of its own, written from its specification
(https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, ValidationError

from support.loading import CONTACTS, HEADER, contact, deliver, execute, rows
from touchline import health, warehouse
from touchline.health.metrics import metrics, write_metrics
from touchline.health.prometheus import Gauge, render
from touchline.mapping import Source
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)",?')
_UNESCAPED = {r"\\": "\\", r"\n": "\n", r"\"": '"'}


def parsed(document: str) -> Samples:
    """Samples of a document; whatever breaks the format's rules is an AssertionError."""
    assert not document or document.endswith("\n"), "the last line ends with a line feed, too"
    found: Samples = {}
    types: dict[str, str] = {}
    for line in document.split("\n")[:-1]:
        if line.startswith("#"):
            _, keyword, name, rest = line.split(" ", 3)
            assert keyword in ("HELP", "TYPE")
            if keyword == "TYPE":
                assert name not in types, "one TYPE line a metric"
                assert rest in ("counter", "gauge", "histogram", "summary", "untyped")
                types[name] = rest
            continue
        sample = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)", line)
        assert sample, line
        name, labels, value = sample.groups()
        assert types.get(name), f"{name} before its TYPE"
        assert list(types)[-1] == name, "all samples of a metric stand together"
        assert _LABEL.sub("", labels or "") == "", labels
        told = _LABEL.findall(labels or "")
        pairs = frozenset((label, re.sub(r"\\.", lambda found: _UNESCAPED[found[0]], said)) for label, said in told)
        assert (name, pairs) not in found, "a sample is unique"
        found[name, pairs] = float(value)
    return found


def of(source: str) -> frozenset[tuple[str, str]]:
    return frozenset({("source", source)})


@pytest.fixture(scope="module")
def watched(make_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A source that promises a delivery a day, one that promises and never delivered, one that promises nothing."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "sources").mkdir()
    for name, promise in (("shop_crm", {"expected_every": "24 hours"}), ("late_crm", {"expected_every": "2 days"})):
        document = CONTACTS | {"source": name} | promise
        (folder / "sources" / f"{name}.yml").write_text(yaml.safe_dump(document))
    made = Settings(
        home=folder / "home", project_dir=ROOT, database_url=SecretStr(make_database()), sources=folder / "sources"
    )
    made.landing_dir.mkdir(parents=True)
    warehouse.migrate(made)
    deliver(made, "a.csv", HEADER + contact(1) + contact(2) + "c3,Person,,,no-time\n")
    deliver(made, "b.csv", HEADER + contact(4), CONTACTS | {"source": "quiet_crm"})
    return made


def source(settings: Settings, name: str, at: datetime | None = None) -> dict[str, Any]:
    [found] = [row for row in health.status(settings, at)["sources"] if row["source"] == name]
    return found


def last_load(settings: Settings) -> datetime:
    [(at,)] = rows(settings, "select finished_at from ops.loads where source = 'shop_crm'")
    assert isinstance(at, datetime)
    return at


def test_a_source_keeps_its_promise_to_the_second_and_then_is_late(watched: Settings) -> None:
    came = last_load(watched)
    day = timedelta(days=1)
    assert source(watched, "shop_crm", came + day)["freshness"] == "fresh"
    late = source(watched, "shop_crm", came + day + timedelta(seconds=1))
    assert (late["freshness"], late["due_at"], late["expected_every"]) == ("late", came + day, day)


def test_a_source_that_never_delivered_is_told_and_one_without_a_promise_is_not_judged(watched: Settings) -> None:
    never = source(watched, "late_crm")
    assert (never["freshness"], never["files"], never["last_delivery"]) == ("never delivered", 0, None)
    quiet = source(watched, "quiet_crm", datetime(2199, 1, 1, tzinfo=UTC))
    assert (quiet["freshness"], quiet["expected_every"], quiet["due_at"]) == (None, None, None)


def test_a_file_that_is_not_fit_is_no_delivery(watched: Settings) -> None:
    execute(watched, "update ops.loads set state = 'rejected' where source = 'shop_crm'")
    try:
        assert source(watched, "shop_crm")["freshness"] == "never delivered"
        assert source(watched, "shop_crm")["rejected"] == 1
    finally:
        execute(watched, "update ops.loads set state = 'loaded' where source = 'shop_crm'")


def test_loads_disk_and_maintenance_are_told(watched: Settings) -> None:
    found = health.status(watched)
    assert [(load["source"], load["loaded"], load["records"]) for load in found["loads"]] == [
        ("quiet_crm", 1, 1),
        ("shop_crm", 2, 3),
    ]
    assert found["disk"].keys() == {"free_bytes", "database_bytes", "raw_bytes"}
    assert 0 < found["disk"]["raw_bytes"] < found["disk"]["database_bytes"]
    assert found["maintenance"] == {"compacted_at": None, "horizon": None}


def test_metrics_say_what_status_says(watched: Settings) -> None:
    came = last_load(watched)
    found = parsed(metrics(watched, came + timedelta(days=3)))
    assert found["touchline_source_late", of("shop_crm")] == 1
    assert found["touchline_source_late", of("late_crm")] == 1
    assert ("touchline_source_late", of("quiet_crm")) not in found
    assert found["touchline_source_expected_every_seconds", of("shop_crm")] == 86400
    assert found["touchline_source_last_delivery_timestamp_seconds", of("shop_crm")] == pytest.approx(came.timestamp())
    assert found["touchline_source_records", of("shop_crm")] == 3
    assert found["touchline_source_set_aside_records", of("shop_crm")] == 1
    assert found["touchline_raw_bytes", frozenset()] > 0
    assert ("touchline_live_build", frozenset()) not in found, "nothing is published yet"


def test_builds_are_figures_once_there_are_any(watched: Settings) -> None:
    execute(
        watched,
        """
        insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state, frozen_at, finished_at)
        values (now(), false, 'c', 'published', '2026-06-01T00:00Z', '2026-06-01T00:02:30Z');
        insert into ops.publications (build_id, kind, published_at) values (1, 'publish', '2026-06-01T00:03Z')
        """,
    )
    found = parsed(metrics(watched))
    assert found["touchline_live_build", frozenset()] == 1
    assert found["touchline_live_published_timestamp_seconds", frozenset()] == 1780272180  # 2026-06-01T00:03Z
    assert found["touchline_last_build_seconds", frozenset()] == 150
    assert found["touchline_latest_builds", frozenset({("state", "published")})] == 1


def test_open_incidents_are_told_and_counted(watched: Settings) -> None:
    assert parsed(metrics(watched))["touchline_open_incidents", frozenset({("severity", "critical")})] == 0
    execute(
        watched,
        """
        insert into ops.incidents (kind, cause, severity, route, title, what, place, how_many, example_keys, owner,
            next_step, runbook, faults, state)
        select 'run-overdue', 'cause ' || state, 'critical', 'default', 't', 'w', 'p', 'h', '{}', 'o', 'n', 'r', '{}',
            state
        from unnest(array['open', 'acknowledged', 'resolved']) as state
        """,
    )
    assert [row["state"] for row in health.status(watched)["incidents"]] == ["acknowledged", "open"]
    assert parsed(metrics(watched))["touchline_open_incidents", frozenset({("severity", "critical")})] == 2
    execute(watched, "delete from ops.incidents")


def test_every_metric_is_documented(watched: Settings) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(touchline_\w+)` \|", page, re.MULTILINE))
    told = {name for name, _ in parsed(metrics(watched))}
    assert told <= documented
    assert documented - told <= {
        "touchline_source_complete_through_timestamp_seconds",
        "touchline_compacted_timestamp_seconds",
    }


def test_a_file_of_metrics_is_whole_and_open_to_the_collector(tmp_path: Path) -> None:
    target = tmp_path / "touchline.prom"
    target.write_text("before")
    write_metrics("# HELP a b\n", target)
    assert target.read_text() == "# HELP a b\n"
    assert target.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [target]


def test_names_and_numbers_that_need_care() -> None:
    gauge = Gauge("odd", 'a "help" with \\ and\na line')
    gauge.add(1.5, source='a"b\\c\nd', brand="é,}")
    gauge.add(math.inf, source="b")
    gauge.add(None, source="c")
    gauge.add(10**15, source="d")
    document = render([gauge, Gauge("empty", "nothing")])
    assert document.startswith('# HELP odd a "help" with \\\\ and\\na line\n# TYPE odd gauge\n')
    assert parsed(document) == {
        ("odd", frozenset({("source", 'a"b\\c\nd'), ("brand", "é,}")})): 1.5,
        ("odd", of("b")): math.inf,
        ("odd", of("d")): 1e15,
    }


@pytest.mark.parametrize("promise", ["1 fortnight", "0 days", "daily", "-1 hours", "1.5 days"])
def test_a_promise_has_one_form(promise: str) -> None:
    with pytest.raises(ValidationError, match="expected_every"):
        Source.model_validate(CONTACTS | {"expected_every": promise})
