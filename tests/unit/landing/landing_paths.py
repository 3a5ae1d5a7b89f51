"""Reads a file by both ways, the quick one and the judge's alone, into accounts that can be compared."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from touchline.contracts import Contract, load_contracts
from touchline.landing.batch import Batch, Intake
from touchline.landing.fast import FastReader, plan
from touchline.landing.fast.chunks import ChunkReader
from touchline.landing.judge import Judge
from touchline.landing.limits import Limits
from touchline.landing.readers.containers import open_members
from touchline.landing.records import RecordReader
from touchline.landing.tokens import Tokeniser
from touchline.mapping import Export, Source

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
EXTRACTED = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


@dataclass
class Account:
    """All that a file brought, in an order of its own. `certain`: records that the judge did not see."""

    rows: dict[str, list[bytes]]
    secrets: dict[str, tuple[Any, str]]
    set_aside: list[tuple[Any, ...]]
    counts: Any
    watermark: datetime | None
    certain: int = 0


def read_by_judge(path: Path, source: Source, export: Export, contracts: Any = CONTRACTS) -> Account:
    """Every record by the exact reader and the judge."""
    with RecordReader(path, export.format) as reader:
        judge = Judge(source, export, contracts, reader.header, _tokeniser(source))
        intake = _intake(source)
        for record in reader:
            intake.take(record, judge.judge(record))
    return _account(intake, [intake.hand_over()])


def read_quickly(
    path: Path, source: Source, export: Export, contracts: dict[tuple[str, str], Contract] = CONTRACTS, size: int = 4096
) -> Account | str:
    """In chunks of about `size` bytes; a reason if the export has no quick way."""
    with open_members(path, export.format.members, Limits()) as members, members[0].open() as stream:
        chunks = ChunkReader(stream, export.format, str(path), members[0].name, size)
        judge = _CountingJudge(source, export, contracts, chunks.header, _tokeniser(source))
        found = plan(source, export, contracts, chunks.header, _tokeniser(source))
        if isinstance(found, str):
            return found
        if not chunks.is_plain:
            return "line ends"
        intake = _intake(source)
        batches = list(FastReader(chunks, found, judge, intake).batches())
    account = _account(intake, batches)
    account.certain = intake.counts.records - judge.seen
    return account


class _CountingJudge(Judge):
    seen = 0

    def judge(self, record: Any) -> Any:
        self.seen += 1
        return super().judge(record)


def _tokeniser(source: Source) -> Tokeniser:
    return Tokeniser(b"k" * 32, source.phone_region)


def _intake(source: Source) -> Intake:
    return Intake(source.source, 17, EXTRACTED, seal=bytes)


def _account(intake: Intake, batches: list[Batch]) -> Account:
    rows: dict[str, list[bytes]] = {}
    secrets: dict[str, tuple[Any, str]] = {}
    set_aside: list[tuple[Any, ...]] = []
    for batch in batches:
        for entity, texts in batch.rows.items():
            rows.setdefault(entity, []).extend(b"".join(texts).splitlines())
        secrets |= batch.secrets
        set_aside += batch.set_aside
    return Account(
        {entity: sorted(lines) for entity, lines in rows.items()},
        secrets,
        sorted(set_aside),
        intake.counts,
        intake.watermark,
    )
