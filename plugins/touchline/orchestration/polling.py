"""Which exports a poll has to load: those that the ledger does not know, once nobody writes to them any more."""

import itertools
from collections.abc import Iterable, Sequence

from sqlalchemy import Engine, text

from touchline import deliveries, steps, warehouse
from touchline.landing.discover import ExportFile
from touchline.landing.spool import sha256
from touchline.landing.stores import RemoteFile
from touchline.orchestration.connections import connect
from touchline.settings import Settings

MAX_BATCHES = 8
"""Load tasks of one run; a task costs seconds of start-up, so that a backlog of thousands of files shares them."""

_PENDING = text("select file_name from ops.loads where source = :source and state = 'loaded' order by load_id")
_CONTENT = text("""
    select load_id from ops.loads
    where source = :source and export = :export and sha256 = :sha256 and state <> 'superseded' and replay_of is null
        and (state <> 'refused' or mapping_fingerprint = :fingerprint)
    order by load_id desc limit 1
""")

_REFUSED = text("select exists (select from ops.loads where source = :source and state = 'refused')")


def find_work(settings: Settings, source: str, settle_seconds: float) -> list[str]:
    """Names of the source's files to load, and of loaded ones that still wait for their verdict."""
    new = new_files(settings, source, settle_seconds)
    with warehouse.engine(settings).connect() as connection:
        pending = connection.scalars(_PENDING, {"source": source}).all()
    return list(dict.fromkeys([*new, *pending]))


def new_files(settings: Settings, source: str, settle_seconds: float) -> list[str]:
    """Names of the source's files that the ledger does not know and nobody has written to for so long."""
    engine = warehouse.engine(settings)
    found = steps.find_exports(settings, [source], settle_seconds, connect(settings))
    return [file.name for file in found if not _is_known(engine, file)]


def has_refused(settings: Settings, source: str) -> bool:
    """Whether a file of the source was refused and nothing has come in its place; a poll leaves it alone."""
    with warehouse.engine(settings).connect() as connection:
        return bool(connection.scalar(_REFUSED, {"source": source}))


def batches(names: Sequence[str], count: int = MAX_BATCHES) -> list[list[str]]:
    """The names in their order, cut into at most `count` runs of nearly equal length."""
    count = min(count, len(names))
    cuts = [len(names) * index // count for index in range(count + 1)] if count else []
    return [list(names[start:end]) for start, end in itertools.pairwise(cuts)]


def pick(files: Iterable[ExportFile], names: Iterable[str]) -> list[ExportFile]:
    """The files of these names; one that has left the landing folder meanwhile is passed over."""
    wanted = set(names)
    return [file for file in files if file.name in wanted]


def _is_known(engine: Engine, file: ExportFile) -> bool:
    """By name and stamp, which costs nothing; else, on this machine, by content, since a known file may be renamed."""
    stamp = file.stamp
    if deliveries.find(engine, file, stamp):
        return True
    if isinstance(file.path, RemoteFile):
        return False
    key = {
        "source": file.source.source,
        "export": file.export.name,
        "sha256": sha256(file.path),
        "fingerprint": file.source.fingerprint(file.export),
    }
    with engine.connect() as connection:
        load_id = connection.scalar(_CONTENT, key)
    if load_id is None:
        return False
    deliveries.record(engine, file, stamp, load_id)
    return True
