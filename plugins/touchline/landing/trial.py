"""Reads an export without loading it: what would become of its records, and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from touchline.contracts import Contract, load_contracts
from touchline.errors import TouchlineError
from touchline.landing.judge import Filtered, Judge, Loaded, SetAside
from touchline.landing.places import at_hand
from touchline.landing.records import RecordReader
from touchline.landing.tokens import Tokeniser
from touchline.mapping import Export, Source
from touchline.settings import Settings
from touchline.sources import load_sources

EXAMPLES = 20
_TRIAL_KEY = bytes(32)
"""Tokens made here are thrown away."""


@dataclass(frozen=True)
class CheckedExport:
    """Counts as the ledger would hold them; `reasons` = (outcome, column, reason, records),
    `examples` = (record number, byte offset, column, reason) of the first bad records."""

    source: str
    export: str
    records: int
    loaded: int
    quarantined: int
    filtered: int
    reasons: list[tuple[str, str, str, int]]
    examples: list[tuple[int, int, str, str]]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def check_export(settings: Settings, source_name: str, file: Path | str, export_name: str | None) -> CheckedExport:
    """Judge every record of `file`, a path or URL, by the mapping of the source's export; nothing is loaded."""
    contracts = load_contracts(settings.contracts_dir)
    source = load_sources(settings.sources_dir, contracts, [source_name])[0]
    export = _choose(source, PurePosixPath(file), export_name)
    with at_hand(file, settings, source.connection) as path:
        return _check(source, export, contracts, path)


def _check(source: Source, export: Export, contracts: Mapping[tuple[str, str], Contract], path: Path) -> CheckedExport:
    outcomes: Counter[str] = Counter()
    reasons: Counter[tuple[str, str, str]] = Counter()
    examples: list[tuple[int, int, str, str]] = []
    with RecordReader(path, export.format) as reader:
        judge = Judge(source, export, contracts, reader.header, Tokeniser(_TRIAL_KEY, source.phone_region))
        for record in reader:
            match judge.judge(record):
                case Loaded() as loaded:
                    outcomes["loaded"] += 1
                    reasons.update(("nulled", column, reason) for column, reason in loaded.nulled)
                case Filtered(reason):
                    outcomes["filtered"] += 1
                    reasons["filtered", "", reason] += 1
                case SetAside(_, column, reason):
                    outcomes["quarantined"] += 1
                    reasons["quarantined", column, reason] += 1
                    if len(examples) < EXAMPLES:
                        examples.append((record.number, record.offset, column, reason))
    counts = {name: outcomes[name] for name in ("loaded", "quarantined", "filtered")}
    listed = [(*key, count) for key, count in sorted(reasons.items())]
    return CheckedExport(source.source, export.name, outcomes.total(), **counts, reasons=listed, examples=examples)


def _choose(source: Source, path: PurePosixPath, name: str | None) -> Export:
    by_name = {export.name: export for export in source.exports}
    if name is None:
        fitting = [e for e in source.exports if any(path.match(PurePosixPath(pattern).name) for pattern in e.files)]
        name = fitting[0].name if len(fitting) == 1 else next(iter(by_name)) if len(by_name) == 1 else None
    if name not in by_name:
        raise TouchlineError(
            f"Which export of {source.source} is this file?", where=str(path), todo=f"--export {'|'.join(by_name)}"
        )
    return by_name[name]
