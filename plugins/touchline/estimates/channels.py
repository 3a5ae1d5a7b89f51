"""What is held against chance, channel by channel: scores, answers, and scores at an equal mix of issues."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, Row, TextClause, text

from touchline.errors import TouchlineError
from touchline.estimates.permutations import (
    Counts,
    PermutationEstimate,
    StratifiedEstimate,
    permute_channels,
    permute_within_strata,
)

__all__ = ["ANSWERS", "ISSUES", "SCORES", "Subject", "run"]

GroupKey = tuple[str, ...]
Estimates = Mapping[GroupKey, PermutationEstimate | StratifiedEstimate]


@dataclass(frozen=True, slots=True)
class Subject:
    """What channels are compared by: a table of counts with the columns of its groups, and where estimates go.

    Of a subject with a `stratum`, a column of the counts, channels are also compared at an equal mix of it.
    """

    counts: str
    group: tuple[str, ...]
    value: str
    estimates: str
    stratum: str = ""


SCORES = Subject(
    "intermediate.int_channel_score_counts",
    ("brand", "survey_type", "survey_version", "period", "journey_stage", "segment_code"),
    "score",
    "estimates.channel_permutations",
)
ANSWERS = Subject(
    "intermediate.int_answer_mix", ("brand", "period", "issue_code"), "resolution_code", "estimates.answer_permutations"
)
ISSUES = Subject(
    "intermediate.int_issue_score_counts",
    ("brand", "survey_type", "survey_version", "period"),
    "score",
    "estimates.mix_permutations",
    stratum="issue_code",
)


def run(engine: Engine, build_id: int, subject: Subject, *, seed: int = 20260101, permutations: int = 999) -> None:
    """Estimate the divergence by chance of every group of the subject's counts.

    Replaces the build's rows in the subject's table of estimates in one transaction. The draws of a group depend on
    `seed` and the group's key alone: neither the order of rows nor other groups change them. Raises TouchlineError
    when `permutations` is below 1.
    """
    if permutations < 1:
        raise TouchlineError(
            f"{permutations} permutations estimate nothing", where="estimates.run", todo="ask for at least 1"
        )
    columns = ", ".join((*subject.group, subject.stratum or "''", "channel", subject.value, "n"))
    with engine.begin() as connection:
        rows = connection.execute(text(f"select {columns} from {subject.counts} where is_compared"))
        estimates = _estimates(subject, rows, seed, permutations)
        connection.execute(text(f"delete from {subject.estimates} where build_id = :build_id"), {"build_id": build_id})
        figures = [
            {"build_id": build_id, **dict(zip(subject.group, key, strict=True)), **asdict(estimate)}
            for key, estimate in estimates.items()
        ]
        if figures:
            connection.execute(_insert(subject, list(figures[0])), figures)


def _estimates(subject: Subject, rows: Iterable[Row[Any]], seed: int, permutations: int) -> Estimates:
    tables = _contingency_tables(rows)
    if subject.stratum:
        return {
            key: permute_within_strata(counts, permutations, _group_generator(seed, key))
            for key, counts in tables.items()
        }
    return {
        key: permute_channels(counts[0], permutations, _group_generator(seed, key)) for key, counts in tables.items()
    }


def _insert(subject: Subject, columns: list[str]) -> TextClause:
    places = ", ".join(f":{column}" for column in columns)
    return text(f"insert into {subject.estimates} ({', '.join(columns)}) values ({places})")


def _contingency_tables(rows: Iterable[Row[Any]]) -> dict[GroupKey, Counts]:
    """One table per group of two channels or more: strata by channels by scores or codes, each of them sorted."""
    cells: dict[GroupKey, dict[tuple[str, str, Any], int]] = {}
    for row in rows:
        *key, stratum, channel, value, n = tuple(row)
        cells.setdefault(tuple(key), {})[stratum, channel, value] = int(n)
    tables = {key: _contingency_table(group) for key, group in sorted(cells.items())}
    return {key: table for key, table in tables.items() if table.shape[1] >= 2}


def _contingency_table(cells: Mapping[tuple[str, str, Any], int]) -> Counts:
    strata, channels, values = (sorted(set(of)) for of in zip(*cells, strict=True))
    table = [
        [[cells.get((stratum, channel, value), 0) for value in values] for channel in channels] for stratum in strata
    ]
    return np.array(table, dtype=np.int64)


def _group_generator(seed: int, key: GroupKey) -> np.random.Generator:
    """A generator of the group's own; Python's hash would differ from one process to the next."""
    digest = hashlib.sha256(json.dumps([seed, *key]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
