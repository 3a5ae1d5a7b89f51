"""What chance alone would show of channels that serve alike.

The divergence of a few hundred answers is never zero, even where every channel serves alike. Relabelling the answers
at random, with every channel keeping its number of answers and every score its frequency, shows how much of the
observed divergence the sample sizes explain. Under those fixed margins the tables are multivariate hypergeometric,
so they are drawn from the counts; no single answer is ever shuffled.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Counts",
    "PermutationEstimate",
    "StratifiedEstimate",
    "generalised_jsd",
    "permute_channels",
    "permute_within_strata",
    "standardised_jsd",
]

# Relabellings that tie with the observed table differ from it by rounding only.
TIE_TOLERANCE = 1e-12
DRAWS_PER_BATCH = 1_000

Counts = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class StratifiedEstimate:
    """Mean divergence in bits and p-value: of channels as they are, and of channels at an equal mix of strata."""

    mean_permuted_jsd: float
    p_value: float
    mean_standardised_jsd: float
    standardised_p_value: float
    permutations: int


def generalised_jsd(counts: Counts | _Floats) -> _Floats:
    """Generalised Jensen-Shannon divergence (Lin 1991) in bits, channels weighted equally.

    counts: (..., channels, scores), no channel empty. Returns one divergence per leading index.
    """
    shares = counts / counts.sum(axis=-1, keepdims=True)
    divergence = _entropy(shares.mean(axis=-2)) - _entropy(shares).mean(axis=-1)
    return np.asarray(np.maximum(divergence, 0.0), dtype=np.float64)


def standardised_jsd(counts: Counts) -> _Floats:
    """The same of channels that all have the pooled mix of strata (direct standardisation).

    counts: (..., strata, channels, scores), no channel empty in any stratum. A channel's share of a score is that in
    each stratum, weighted by the stratum's share of all counts. Returns one divergence per leading index.
    """
    shares = counts / counts.sum(axis=-1, keepdims=True)
    weights = counts.sum(axis=(-2, -1), keepdims=True) / counts.sum(axis=(-3, -2, -1), keepdims=True)
    return generalised_jsd((weights * shares).sum(axis=-3))


def permute_channels(counts: Counts, permutations: int, generator: np.random.Generator) -> PermutationEstimate:
    """Relabel the answers of one survey group at random.

    counts: one row per channel, one column per score; at least two channels, none empty.
    """
    mean, p_value = _by_chance(counts[np.newaxis], permutations, generator)
    equal_n, excess = _equal_parts(counts, min(DRAWS_PER_BATCH, permutations), generator)
    return PermutationEstimate(mean, p_value, permutations, equal_n, excess)


def permute_within_strata(counts: Counts, permutations: int, generator: np.random.Generator) -> StratifiedEstimate:
    """Relabel the answers of one group at random, all of them together, and within each stratum.

    counts: (strata, channels, scores); at least two channels, none empty in any stratum. Within strata every channel
    keeps its mix, so that a difference of mixes alone is never taken for one of channels.
    """
    mean, p_value = _by_chance(counts.sum(axis=0, keepdims=True), permutations, generator)
    standardised_mean, standardised_p_value = _by_chance(counts, permutations, generator)
    return StratifiedEstimate(mean, p_value, standardised_mean, standardised_p_value, permutations)


def _by_chance(counts: Counts, permutations: int, generator: np.random.Generator) -> tuple[float, float]:
    """Mean standardised divergence of relabellings within strata, and p of the observed one."""
    observed = float(standardised_jsd(counts))
    total, exceeding = 0.0, 0
    for start in range(0, permutations, DRAWS_PER_BATCH):
        draws = min(DRAWS_PER_BATCH, permutations - start)
        drawn = [
            _draw_tables(np.tile(stratum.sum(axis=0), (draws, 1)), stratum.sum(axis=1), generator) for stratum in counts
        ]
        permuted = standardised_jsd(np.stack(drawn, axis=1))
        total += float(permuted.sum())
        exceeding += int((permuted >= observed - TIE_TOLERANCE).sum())
    return total / permutations, (1 + exceeding) / (1 + permutations)


def _entropy(shares: _Floats) -> _Floats:
    """Shannon entropy in bits over the last axis; an empty share adds nothing."""
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logarithms).sum(axis=-1), dtype=np.float64)


def _equal_parts(counts: Counts, draws: int, generator: np.random.Generator) -> tuple[int, float]:
    """Hold random parts of the channels against each other, all as large as the smallest channel."""
    size = int(counts.sum(axis=1).min())
    parts = [generator.multivariate_hypergeometric(channel, size, draws, method="marginals") for channel in counts]
    drawn = np.stack(parts, axis=1)
    relabelled = _draw_tables(drawn.sum(axis=1), np.full(len(counts), size), generator)
    return size, float((generalised_jsd(drawn) - generalised_jsd(relabelled)).mean())


def _draw_tables(unplaced: Counts, sizes: Counts, generator: np.random.Generator) -> Counts:
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
