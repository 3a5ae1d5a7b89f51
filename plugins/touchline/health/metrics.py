"""The figures of `status` for a monitoring system. docs/operations.md lists them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from touchline.health.prometheus import Gauge, render
from touchline.health.status import status
from touchline.secret_files import write_public
from touchline.settings import Settings


def metrics(settings: Settings, at: datetime | None = None) -> str:
    """All figures in Prometheus' text format. Instants are seconds since 1970."""
    return render(_gauges(status(settings, at)))


def write_metrics(text: str, path: Path) -> None:
    """Write them for the node exporter's textfile collector: whole or not at all, readable by it."""
    write_public(path, text)


def _gauges(found: dict[str, Any]) -> Iterator[Gauge]:
    yield from _of_sources(found["sources"])
    yield from _of_builds(found)
    disk, maintenance = found["disk"], found["maintenance"]
    yield _single("touchline_disk_free_bytes", "Free disk at the state folder.", disk["free_bytes"])
    yield _single("touchline_database_bytes", "Size of the warehouse's database.", disk["database_bytes"])
    yield _single("touchline_raw_bytes", "Size of schema raw with its indexes.", disk["raw_bytes"])
    done = maintenance["compacted_at"]
    yield _single("touchline_compacted_timestamp_seconds", "When raw rows were compacted last.", _seconds(done))
    is_open = Gauge("touchline_open_incidents", "Incidents that are not resolved, by severity.")
    for severity in ("critical", "warning"):
        is_open.add(sum(row["severity"] == severity for row in found["incidents"]), severity=severity)
    yield is_open


def _of_sources(sources: list[dict[str, Any]]) -> Iterator[Gauge]:
    told = {
        "last_delivery": Gauge("touchline_source_last_delivery_timestamp_seconds", "When a file came last."),
        "complete_through": Gauge(
            "touchline_source_complete_through_timestamp_seconds", "Instant through which the source is complete."
        ),
        "expected_every": Gauge("touchline_source_expected_every_seconds", "How often a delivery is promised."),
        "files": Gauge("touchline_source_files", "Files and replays that count."),
        "records": Gauge("touchline_source_records", "Records of these files."),
        "set_aside": Gauge("touchline_source_set_aside_records", "Records held in quarantine."),
        "nulled": Gauge("touchline_source_nulled_values", "Bad optional values that became null."),
        "rejected": Gauge("touchline_source_rejected_loads", "Loads that no build may use."),
        "refused": Gauge("touchline_source_refused_files", "Files that could not be read."),
    }
    late = Gauge("touchline_source_late", "1 if the source breaks its promise (expected_every), 0 if it keeps it.")
    for row in sources:
        for name, gauge in told.items():
            gauge.add(_value(row[name]), source=row["source"])
        if row["freshness"] is not None:
            late.add(float(row["freshness"] != "fresh"), source=row["source"])
    yield from (*told.values(), late)


def _of_builds(found: dict[str, Any]) -> Iterator[Gauge]:
    live, builds = found["live"], found["builds"]
    yield _single("touchline_live_build", "Number of the build that readers see.", live and live["build_id"])
    published = _seconds(live["published_at"]) if live else None
    yield _single("touchline_live_published_timestamp_seconds", "When readers began to see it.", published)
    states = Gauge("touchline_latest_builds", "The five latest builds by state.")
    for state, count in sorted(Counter(build["state"] for build in builds).items()):
        states.add(count, state=state)
    yield states
    ended = next((build for build in builds if build["finished_at"]), None)
    took = (ended["finished_at"] - ended["frozen_at"]).total_seconds() if ended else None
    yield _single("touchline_last_build_seconds", "How long the last build took that has ended.", took)


def _single(name: str, description: str, value: float | None) -> Gauge:
    gauge = Gauge(name, description)
    gauge.add(value)
    return gauge


def _value(found: Any) -> float | None:
    if isinstance(found, datetime):
        return _seconds(found)
    return found.total_seconds() if hasattr(found, "total_seconds") else None if found is None else float(found)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
