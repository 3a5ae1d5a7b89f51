"""Reading again after a fix: held records from quarantine, known files from the landing folder."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text

from touchline import custody, held, steps, warehouse
from touchline.contracts import Contract, load_contracts
from touchline.erasure import require_applied
from touchline.errors import TouchlineError
from touchline.held import Selection
from touchline.keys import VaultKeys
from touchline.landing import load, replay
from touchline.landing.discover import ExportFile
from touchline.landing.replay import ReplayOutcome
from touchline.landing.spool import Delivered, delivered
from touchline.landing.transactions import driver_connection
from touchline.ledger import LoadOutcome
from touchline.locks import Lock
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.sources import load_sources
from touchline.warehouse import Role

BUSY = "Held records or known files of this warehouse are being read again by another process"

_KNOWN = text("""
    select load_id, source, export, kind, brand, file_name, sha256, size_bytes, extracted_at, delivery, state,
        replay_of, superseded_by
    from ops.loads where load_id = :load_id
""")
_READ_BY_MAPPING = text("""
    select load_id, source, export, mapping_fingerprint from ops.loads
    where state in ('loaded', 'accepted', 'rejected') and replay_of is null
        and source = :source and (cast(:export as text) is null or export = :export)
    order by load_id
""")


@dataclass(frozen=True)
class Reloaded:
    """One load read again: the load that took its place, or why the old one stands."""

    superseded: int
    file_name: str
    load_id: int | None
    records: int
    loaded: int
    held: int
    filtered: int
    problem: str = ""


def replay_held(settings: Settings, selection: Selection, *, is_dry_run: bool = False) -> list[ReplayOutcome]:
    """Replay the selected held records, load by load; one that cannot be tried does not stop the others.

    Raises TouchlineError while another process reads records again.
    """
    with _means(settings) as means:
        with driver_connection(means.engine) as connection:
            waiting = held.loads(connection, selection)
        return [_replay(means, origin, selection, is_dry_run) for origin in waiting]


def reload_loads(settings: Settings, load_ids: Iterable[int]) -> list[Reloaded]:
    """Read loads again by today's mapping; each new load takes the place of the old one in one transaction.

    A load of a file is read from the landing folder, a replay from quarantine. What cannot be read stays as it is.
    """
    with _means(settings) as means:
        return [_reload(means, load_id) for load_id in load_ids]


def outdated_loads(settings: Settings, source_name: str, export: str | None) -> list[int]:
    """Loads of files that were read by another mapping than today's."""
    source = steps.read_sources(settings, [source_name])[0]
    today = {item.name: source.fingerprint(item) for item in source.exports}
    with warehouse.engine(settings).connect() as connection:
        rows = connection.execute(_READ_BY_MAPPING, {"source": source_name, "export": export}).all()
    return [row.load_id for row in rows if row.mapping_fingerprint != today.get(row.export, row.mapping_fingerprint)]


@dataclass(frozen=True)
class _Means:
    """What every reading needs: today's sources and contracts, the keys, the warehouse as the loader sees it."""

    settings: Settings
    engine: Engine
    contracts: dict[tuple[str, str], Contract]
    sources: dict[str, Source]
    keys: VaultKeys

    def source_of(self, old: held.HeldLoad) -> Source:
        if old.source not in self.sources:
            where = f"load {old.load_id}, {old.file_name}"
            raise TouchlineError(f"No source file describes {old.source}", where=where, todo="bring it back")
        return self.sources[old.source]


@contextmanager
def _means(settings: Settings) -> Iterator[_Means]:
    """One process at a time reads records again."""
    contracts = load_contracts(settings.contracts_dir)
    sources = {source.source: source for source in load_sources(settings.sources_dir, contracts)}
    engine = warehouse.engine(settings, Role.LOADER)
    require_applied(settings, engine)
    with warehouse.advisory_lock(warehouse.engine(settings), Lock.REREAD, BUSY):
        yield _Means(settings, engine, contracts, sources, custody.held_keys(settings, engine))


def _replay(means: _Means, origin: held.HeldLoad, selection: Selection, is_dry_run: bool) -> ReplayOutcome:
    try:
        return replay.replay_load(
            means.engine, origin, means.source_of(origin), means.contracts, means.keys, selection, is_dry_run=is_dry_run
        )
    except TouchlineError as error:
        return ReplayOutcome(origin.load_id, origin.source, origin.export, origin.file_name, problem=str(error))


def _reload(means: _Means, load_id: int) -> Reloaded:
    with warehouse.engine(means.settings).connect() as connection:
        row = connection.execute(_KNOWN, {"load_id": load_id}).mappings().first()
    try:
        if row is None:
            raise TouchlineError(f"There is no load {load_id}", where="ops.loads")
        known = dict(row)
        state, replay_of, superseded_by = (known.pop(name) for name in ("state", "replay_of", "superseded_by"))
        old = held.HeldLoad(**known)
        _check_state(old, state, superseded_by)
        if replay_of is not None:
            origin = held.HeldLoad(**known | {"load_id": replay_of})
            return _told_replay(load_id, _replay(means, origin, Selection(replayed_by=load_id), is_dry_run=False))
        with _delivered(means.settings, old, means.source_of(old)) as (file, copy):
            return _told(old, load.reload_file(means.engine, file, copy, means.contracts, means.keys, old))
    except TouchlineError as error:
        return Reloaded(load_id, row["file_name"] if row else "", None, 0, 0, 0, 0, str(error))


def _check_state(load: held.HeldLoad, state: str, superseded_by: int | None) -> None:
    where = f"load {load.load_id}, {load.file_name}"
    if state == "refused":
        todo = "mend the file or its mapping; the next `touchline run` reads it"
        raise TouchlineError("The file was refused: there is nothing to take the place of", where=where, todo=todo)
    if state == "superseded":
        todo = f"reload load {superseded_by}" if superseded_by else "see `touchline status`"
        raise TouchlineError("The load was superseded before", where=where, todo=todo)


@contextmanager
def _delivered(settings: Settings, old: held.HeldLoad, source: Source) -> Iterator[tuple[ExportFile, Delivered]]:
    """The load's file where its source's files lie: by its bytes, whatever it is called now."""
    files = [file for file in steps.find_exports(settings, [source.source]) if file.export.name == old.export]
    for file in sorted(files, key=lambda item: item.name != old.file_name):
        if file.stamp.size != old.size_bytes:
            continue
        with delivered(file.path) as copy:
            if copy.sha256 == old.sha256:
                yield file, copy
                return
    raise TouchlineError(
        "The file does not lie where its source's files lie any more",
        where=f"load {old.load_id}, {old.file_name}",
        todo="deliver the same bytes again; records set aside are replayed without it: `touchline quarantine replay`",
    )


def _told(old: held.HeldLoad, new: LoadOutcome) -> Reloaded:
    counts = (new.records, new.loaded, new.quarantined, new.filtered)
    return Reloaded(old.load_id, new.file_name, new.load_id, *counts)


def _told_replay(old: int, new: ReplayOutcome) -> Reloaded:
    counts = (new.records, new.loaded, new.still_held, new.filtered)
    return Reloaded(old, new.file_name, new.load_id, *counts, new.problem)
