"""Which exports a poll has to load: those that the ledger does not know, once nobody writes to them any more."""

import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from touchline import steps, warehouse
from touchline.landing.discover import ExportFile
from touchline.landing.load import sha256
from touchline.settings import Settings

MAX_BATCHES = 8
"""Load tasks of one run; a task costs seconds of start-up, so that a backlog of thousands of files shares them."""

_LEDGER = text("""
    select export, file_name, size_bytes, extracted_at, sha256, state,
        case when state = 'refused' then mapping_fingerprint end as refused_by
    from ops.loads where source = :source and state <> 'superseded'
""")


@dataclass(frozen=True)
class _Known:
    """What the ledger says of a source. A refused file is known only to the mapping that refused it."""

    files: set[tuple[str, str, int, datetime, str | None]]
    contents: set[tuple[str, str, str | None]]
    pending: tuple[str, ...]


def find_work(settings: Settings, source: str, settle_seconds: float) -> list[str]:
    """Names of the source's files to load, and of loaded ones that still wait for their verdict."""
    known = _known(warehouse.engine(settings), source)
    new = [
        file.name
        for file in steps.find_exports(settings, [source])
        if not _is_known(file, known) and _is_settled(file, settle_seconds)
    ]
    return list(dict.fromkeys([*new, *known.pending]))


def batches(names: Sequence[str], count: int = MAX_BATCHES) -> list[list[str]]:
    """The names in their order, cut into at most `count` runs of nearly equal length."""
    count = min(count, len(names))
    cuts = [len(names) * index // count for index in range(count + 1)] if count else []
    return [list(names[start:end]) for start, end in itertools.pairwise(cuts)]


def pick(files: Iterable[ExportFile], names: Iterable[str]) -> list[ExportFile]:
    """The files of these names; one that has left the landing folder meanwhile is passed over."""
    wanted = set(names)
    return [file for file in files if file.name in wanted]


def _known(engine: Engine, source: str) -> _Known:
    with engine.connect() as connection:
        rows = connection.execute(_LEDGER, {"source": source}).all()
    files = {(row.export, row.file_name, row.size_bytes, row.extracted_at, row.refused_by) for row in rows}
    contents = {(row.export, row.sha256, row.refused_by) for row in rows}
    return _Known(files, contents, tuple(row.file_name for row in rows if row.state == "loaded"))


def _is_known(file: ExportFile, known: _Known) -> bool:
    """By name, size and time, which costs nothing; else by content, since a known file may be renamed."""
    status = file.path.stat()
    identity = (file.export.name, file.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
    verdicts = (None, file.source.fingerprint(file.export))
    if any((*identity, verdict) in known.files for verdict in verdicts):
        return True
    digest = sha256(file.path)
    return any((file.export.name, digest, verdict) in known.contents for verdict in verdicts)


def _is_settled(file: ExportFile, seconds: float) -> bool:
    # A time in the future (a wrong clock at the sender) must not hold a file back.
    return not 0 <= time.time() - file.path.stat().st_mtime < seconds
