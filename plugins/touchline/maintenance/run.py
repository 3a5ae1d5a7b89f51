"""One round of maintenance. Killed anywhere, the next one goes on; loads and readers are not kept waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from touchline import custody, warehouse
from touchline.contracts import load_contracts
from touchline.locks import Lock
from touchline.maintenance import compaction, history, room
from touchline.settings import Settings

Progress = Callable[[str], None]
BUSY = "Maintenance of this warehouse is under way already"


@dataclass
class Maintained:
    """What one round did. Versions loaded before `horizon`, and replaced before it, are gone."""

    horizon: datetime
    versions: dict[str, int] = field(default_factory=dict)
    """Older versions removed, by raw table."""
    loads: dict[str, int] = field(default_factory=dict)
    """Rows removed of loads that builds no longer use, by file."""
    history: dict[str, int] = field(default_factory=dict)
    """Rows of detail removed, by table."""
    vacuumed: list[str] = field(default_factory=list)


def maintain(settings: Settings, progress: Progress = lambda _: None, at: datetime | None = None) -> Maintained:
    """Compact schema `raw`, forget old detail and give the room back. `at`: the time to do it as of (now).

    Raises TouchlineError while a build, a move of tokens or another round is under way; what was done stays done.
    """
    at = at or datetime.now(UTC)
    owner = warehouse.engine(settings)
    custody.require_settled(owner)
    done = Maintained(horizon_of(settings, at))
    contracts = load_contracts(settings.contracts_dir).values()
    with warehouse.advisory_lock(owner, Lock.MAINTAIN, BUSY):
        for file_name, rows in compaction.compact_loads(owner, done.horizon):
            done.loads[file_name] = done.loads.get(file_name, 0) + rows
            progress(f"{file_name}: {rows} rows of a load that builds no longer use")
        for table, rows in compaction.compact_versions(owner, contracts, done.horizon):
            done.versions[table] = rows
            if rows:
                progress(f"raw.{table}: {rows} older versions")
        done.history = history.forget(owner, at - timedelta(days=settings.keep_history_days))
        for table in room.give_back(owner, at):
            done.vacuumed.append(table)
            progress(f"vacuumed {table}")
        if not settings.database_url:
            room.shorten_log(settings.home)
    return done


def horizon_of(settings: Settings, at: datetime) -> datetime:
    """The beginning of the month (UTC) that versions are kept from."""
    kept = at.astimezone(UTC) - timedelta(days=settings.keep_versions_days)
    return kept.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
