"""What chance alone would show: resampled figures that SQL cannot draw.

The divergence of a few hundred answers is never zero, even where every channel serves alike. Relabelling the answers
at random, with every channel keeping its number of answers and every score its frequency, shows how much of the
observed divergence the sample sizes explain. Under those fixed margins the tables are multivariate hypergeometric,
so they are drawn from the counts; no single answer is ever shuffled.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, Row, TextClause, text

from touchline.errors import TouchlineError

__all__ = ["ANSWERS", "SCORES", "PermutationEstimate", "Subject", "generalised_jsd", "permute_channels", "run"]

# Relabellings that tie with the observed table differ from it by rounding only.
TIE_TOLERANCE = 1e-12
DRAWS_PER_BATCH = 1_000

GroupKey = tuple[str, ...]
_Counts = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Subject:
    """What channels are compared by: a table of counts with the columns of its groups, and where estimates go."""

    counts: str
    group: tuple[str, ...]
    value: str
    estimates: str


SCORES = Subject(
    "intermediate.int_channel_score_counts",
    ("brand", "survey_type", "survey_version", "period", "journey_stage", "segment_code"),
    "score",
    "estimates.channel_permutations",
)
ANSWERS = Subject(
    "intermediate.int_answer_mix", ("brand", "period", "issue_code"), "resolution_code", "estimates.answer_permutations"
)


@dataclass(frozen=True, slots=True)
class PermutationEstimate:
    """`mean_permuted_jsd` in bits; `p_value` = (1 + relabellings as divergent as observed) / (1 + relabellings).

    `equal_n_excess_jsd`: mean divergence of random parts of `equal_n` of every channel, less that of the same parts
    relabelled; below 0 by chance.
    """

    mean_permuted_jsd: float
    p_value: float
    permutations: int
    equal_n: int
    equal_n_excess_jsd: float


def generalised_jsd(counts: _Counts) -> _Floats:
    """Generalised Jensen-Shannon divergence (Lin 1991) in bits, channels weighted equally.

    counts: (..., channels, scores), no channel empty. Returns one divergence per leading index.
    """
    shares = counts / counts.sum(axis=-1, keepdims=True)
    divergence = _entropy(shares.mean(axis=-2)) - _entropy(shares).mean(axis=-1)
    return np.asarray(np.maximum(divergence, 0.0), dtype=np.float64)


def permute_channels(counts: _Counts, permutations: int, generator: np.random.Generator) -> PermutationEstimate:
    """Relabel the answers of one survey group at random.

    counts: one row per channel, one column per score; at least two channels, none empty.
    """
    observed = float(generalised_jsd(counts))
    total, exceeding = 0.0, 0
    for start in range(0, permutations, DRAWS_PER_BATCH):
        draws = min(DRAWS_PER_BATCH, permutations - start)
        drawn = _draw_tables(np.tile(counts.sum(axis=0), (draws, 1)), counts.sum(axis=1), generator)
        permuted = generalised_jsd(drawn)
        total += float(permuted.sum())
        exceeding += int((permuted >= observed - TIE_TOLERANCE).sum())
    equal_n, excess = _equal_parts(counts, min(DRAWS_PER_BATCH, permutations), generator)
    p_value = (1 + exceeding) / (1 + permutations)
    return PermutationEstimate(total / permutations, p_value, permutations, equal_n, excess)


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
    group = ", ".join(subject.group)
    with engine.begin() as connection:
        rows = connection.execute(
            text(f"select {group}, channel, {subject.value}, n from {subject.counts} where is_compared")
        )
        estimates = {
            key: permute_channels(counts, permutations, _group_generator(seed, key))
            for key, counts in _contingency_tables(rows).items()
        }
        connection.execute(text(f"delete from {subject.estimates} where build_id = :build_id"), {"build_id": build_id})
        figures = [
            {"build_id": build_id, **dict(zip(subject.group, key, strict=True)), **asdict(estimate)}
            for key, estimate in estimates.items()
        ]
        if figures:
            connection.execute(_insert(subject), figures)


def _insert(subject: Subject) -> TextClause:
    columns = ("build_id", *subject.group, *(field.name for field in fields(PermutationEstimate)))
    places = ", ".join(f":{column}" for column in columns)
    return text(f"insert into {subject.estimates} ({', '.join(columns)}) values ({places})")


def _entropy(shares: _Floats) -> _Floats:
    """Shannon entropy in bits over the last axis; an empty share adds nothing."""
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logarithms).sum(axis=-1), dtype=np.float64)


def _equal_parts(counts: _Counts, draws: int, generator: np.random.Generator) -> tuple[int, float]:
    """Hold random parts of the channels against each other, all as large as the smallest channel."""
    size = int(counts.sum(axis=1).min())
    parts = [generator.multivariate_hypergeometric(channel, size, draws, method="marginals") for channel in counts]
    drawn = np.stack(parts, axis=1)
    relabelled = _draw_tables(drawn.sum(axis=1), np.full(len(counts), size), generator)
    return size, float((generalised_jsd(drawn) - generalised_jsd(relabelled)).mean())


def _draw_tables(unplaced: _Counts, sizes: _Counts, generator: np.random.Generator) -> _Counts:
    """Draw tables of channels of these sizes: (draws, channels, scores), cell by cell in all draws at once.

    unplaced: the frequency of every score, one row per draw. A multivariate hypergeometric row is a chain of
    univariate ones: each score takes its part of the places left.
    """
    draws, scores = unplaced.shape
    channels = len(sizes)
    tables = np.zeros((draws, channels, scores), dtype=np.int64)
    for channel in range(channels - 1):
        places = np.full(draws, sizes[channel])
        pool = unplaced.sum(axis=1)
        for score in range(scores):
            pool = pool - unplaced[:, score]
            tables[:, channel, score] = generator.hypergeometric(unplaced[:, score], pool, places)
            places = places - tables[:, channel, score]
        unplaced = unplaced - tables[:, channel]
    tables[:, channels - 1] = unplaced
    return tables


def _contingency_tables(rows: Iterable[Row[Any]]) -> dict[GroupKey, _Counts]:
    """One table per group of two channels or more: channels as rows, scores or codes as columns, both sorted."""
    cells: dict[GroupKey, dict[tuple[str, Any], int]] = {}
    for row in rows:
        *key, channel, value, n = tuple(row)
        cells.setdefault(tuple(key), {})[channel, value] = int(n)
    tables = {key: _contingency_table(group) for key, group in sorted(cells.items())}
    return {key: table for key, table in tables.items() if len(table) >= 2}


def _contingency_table(cells: Mapping[tuple[str, Any], int]) -> _Counts:
    channels = sorted({channel for channel, _ in cells})
    values = sorted({value for _, value in cells})
    return np.array([[cells.get((channel, value), 0) for value in values] for channel in channels], dtype=np.int64)


def _group_generator(seed: int, key: GroupKey) -> np.random.Generator:
    """A generator of the group's own; Python's hash would differ from one process to the next."""
    digest = hashlib.sha256(json.dumps([seed, *key]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
