"""Reads a file by both ways, the quick one and the judge's alone, into accounts that can be compared."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from touchline.contracts import Column, Contract, load_contracts
from touchline.landing.batch import Batch, Intake
from touchline.landing.binarycopy import RowFormat
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

    rows: dict[str, list[tuple[Any, ...]]]
    secrets: dict[bytes, tuple[Any, str]]
    set_aside: list[tuple[Any, ...]]
    counts: Any
    watermark: datetime | None
    certain: int = 0


def read_by_judge(path: Path, source: Source, export: Export, contracts: Any = CONTRACTS) -> Account:
    """Every record by the exact reader and the judge."""
    with RecordReader(path, export.format) as reader:
        judge = Judge(source, export, contracts, reader.header, _tokeniser(source))
        intake = _intake(source, judge, contracts)
        for record in reader:
            intake.take(record, judge.judge(record))
    return _account(intake, [intake.hand_over()])


def read_quickly(
    path: Path, source: Source, export: Export, contracts: dict[tuple[str, str], Contract] = CONTRACTS, size: int = 4096
) -> Account | str:
    """In chunks of about `size` bytes; a reason if the export has no quick way."""
    with open_members(path, export.format.members, Limits()) as members, members[0].open() as stream:
        chunks = ChunkReader(stream, export.format, str(path), members[0].name, size, path.stat().st_size)
        judge = _CountingJudge(source, export, contracts, chunks.header, _tokeniser(source))
        found = plan(source, export, contracts, chunks.header, _tokeniser(source))
        if isinstance(found, str):
            return found
        if not chunks.is_plain:
            return "line ends"
        intake = _intake(source, judge, contracts)
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


def _intake(source: Source, judge: Judge, contracts: Any) -> Intake:
    formats = {
        entity: RowFormat(contracts[source.kind, entity], columns, source.source, 17)
        for entity, columns in judge.written.items()
    }
    return Intake(17, EXTRACTED, formats, seal=bytes)


def _account(intake: Intake, batches: list[Batch]) -> Account:
    rows: dict[str, list[tuple[Any, ...]]] = {}
    secrets: dict[bytes, tuple[Any, str]] = {}
    set_aside: list[tuple[Any, ...]] = []
    for batch in batches:
        for entity, parts in batch.rows.items():
            blocks = chain.from_iterable(parts)
            rows.setdefault(entity, []).extend(decoded(b"".join(blocks), intake.formats[entity].columns))
        secrets |= batch.secrets
        set_aside += batch.set_aside
    return Account(
        {entity: sorted(found, key=repr) for entity, found in rows.items()},
        secrets,
        sorted(set_aside),
        intake.counts,
        intake.watermark,
    )


def decoded(rows: bytes, columns: tuple[Column, ...]) -> Iterator[tuple[Any, ...]]:
    """Rows of binary COPY as Postgres' documentation lays them out: a count, then length and bytes of each field."""
    at = 0
    while at < len(rows):
        [count] = struct.unpack_from(">h", rows, at)
        at += 2
        fields: list[Any] = []
        for place in range(count):
            [size] = struct.unpack_from(">i", rows, at)
            at += 4
            value = None if size < 0 else rows[at : at + size]
            at += max(size, 0)
            is_numeric = place < len(columns) and columns[place].raw_type.startswith("numeric")
            fields.append(_decimal(value) if value is not None and is_numeric else value)
        assert count == len(columns) + 5
        yield tuple(fields)


def _decimal(value: bytes) -> Decimal:
    """Digits to base 10,000, the first of which is worth 10,000 ** weight."""
    count, weight, sign, scale, *digits = struct.unpack(f">{len(value) // 2}h", value)
    assert count == len(digits)
    number = sum((Decimal(digit).scaleb(4 * (weight - place)) for place, digit in enumerate(digits)), Decimal(0))
    return (-number if sign == 0x4000 else number).quantize(Decimal(1).scaleb(-scale))
