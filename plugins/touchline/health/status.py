"""How the warehouse is doing: what is live, how fresh each source is against its promise, what was loaded and built."""

import shutil
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text

from touchline import builds, custody, steps, warehouse
from touchline.alerting import incidents
from touchline.errors import TouchlineError
from touchline.mapping import Source
from touchline.settings import Settings

_SOURCES = text("""
    select source, count(*) filter (where state <> 'refused' and replay_of is null) as files,
        sum(accounts.records) as records, sum(held) as set_aside,
        count(*) filter (where state = 'rejected') as rejected,
        count(*) filter (where state = 'refused') as refused,
        coalesce(sum(nulled), 0) as nulled, max(complete_through) as complete_through, max(finished_at) as last_load,
        max(finished_at) filter (where state in ('loaded', 'accepted') and replay_of is null) as last_delivery
    from ops.loads
    left join ops.load_accounts as accounts using (load_id)
    left join (
        select load_id, sum(records) as nulled from ops.load_reasons where outcome = 'nulled' group by load_id
    ) as reasons using (load_id)
    where state <> 'superseded' group by source order by source
""")
_LOADS = text("""
    select load_id, source, file_name, state, records, loaded, quarantined, finished_at, reason from ops.loads
    order by load_id desc limit 10
""")
_BUILDS = text("""
    select build_id, state, as_of, frozen_at, finished_at, reason from ops.builds order by build_id desc limit 5
""")
_MAINTENANCE = text("select max(compacted_at) as compacted_at, max(horizon) as horizon from ops.compactions")
_SIZES = text("""
    select pg_database_size(current_database()) as database_bytes, (
        select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class
        where relnamespace = to_regnamespace('raw') and relkind = 'r'
    ) as raw_bytes
""")


def status(settings: Settings, at: datetime | None = None) -> dict[str, Any]:
    """Live build, freshness and counts per source, latest loads and builds, open incidents, versions of tokens, disk.

    Of a source: `set_aside` records, and `nulled` values that were bad and optional. `freshness` is `fresh`, `late` or
    `never delivered` by its `expected_every`; None where it promises nothing. Sizes are in bytes.
    """
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    return looked_at(settings, warehouse.engine(settings), at)


def looked_at(settings: Settings, engine: Engine, at: datetime | None = None) -> dict[str, Any]:
    """The same of a warehouse that runs and has this release's schema; `touchline_watcher` may do this."""
    with engine.connect() as connection:
        loaded = {row["source"]: dict(row) for row in connection.execute(_SOURCES).mappings()}
        tokens = custody.token_state(connection)
        found = {
            "sources": _against_promises(loaded, _promises(settings), at or datetime.now(UTC)),
            "loads": [dict(row) for row in connection.execute(_LOADS).mappings()],
            "builds": [dict(row) for row in connection.execute(_BUILDS).mappings()],
            "maintenance": dict(connection.execute(_MAINTENANCE).mappings().one()),
            "disk": dict(connection.execute(_SIZES).mappings().one()) | _free(settings),
            "incidents": incidents.listed(engine),
        }
    live = builds.latest_publication(engine)
    return {"live": vars(live) if live else None, "tokens": vars(tokens) if tokens else None, **found}


def _promises(settings: Settings) -> list[Source]:
    """Sources that promise something; a source file that cannot be read is the doctor's to tell."""
    try:
        return [source for source in steps.read_sources(settings) if source.expected_every]
    except TouchlineError:
        return []


def _against_promises(loaded: dict[str, dict[str, Any]], promises: list[Source], at: datetime) -> list[dict[str, Any]]:
    """Every source that delivered or promised, with its promise and whether it keeps it."""
    every = {source.source: source.expected_interval for source in promises}
    rows = []
    for name in sorted(loaded.keys() | every.keys()):
        row = loaded.get(name, dict.fromkeys(_COLUMNS) | {"source": name, "files": 0})
        expected, last = every.get(name), row["last_delivery"]
        due = last + expected if last and expected else None
        freshness = None if expected is None else "never delivered" if due is None else "late" if at > due else "fresh"
        rows.append(row | {"expected_every": expected, "due_at": due, "freshness": freshness})
    return rows


_COLUMNS = (
    "source",
    "files",
    "records",
    "set_aside",
    "rejected",
    "refused",
    "nulled",
    "complete_through",
    "last_load",
    "last_delivery",
)


def _free(settings: Settings) -> dict[str, int]:
    return {"free_bytes": shutil.disk_usage(settings.home).free if settings.home.exists() else 0}
