"""Permuted channel divergence: exact small tables, a naive shuffle, samples of one distribution, and the warehouse."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sqlalchemy import Engine, text

from touchline import warehouse
from touchline.errors import TouchlineError
from touchline.estimates.channels import ANSWERS, SCORES, run
from touchline.estimates.permutations import generalised_jsd, permute_channels
from touchline.settings import Settings

# Answers 1 to 5 of store, phone and web; the literature's formulas give JSD .12445 bits, .1641 for store and phone.
STORE, PHONE, WEB = [2, 3, 5, 30, 60], [10, 15, 20, 35, 20], [4, 6, 15, 45, 30]
DIFFERING = np.array([STORE, PHONE, WEB])

COUNTS_DDL = """
create table intermediate.int_channel_score_counts (
    brand text, survey_type text, survey_version text, period text, journey_stage text, segment_code text,
    channel text, score numeric(9, 4), n bigint, is_compared boolean
)
"""
INSERT_COUNT = """
insert into intermediate.int_channel_score_counts
values ('b', 'csat', 'v1', :period, 'all', 'all', :channel, :score, :n, :is_compared)
"""


def published(counts: npt.NDArray[np.int64], seed: int) -> float:
    """The consistency index as the mart computes it."""
    chance = permute_channels(counts, 199, np.random.default_rng(seed)).mean_permuted_jsd
    excess = max(float(generalised_jsd(counts)) - chance, 0.0)
    return 1.0 - float(np.sqrt(excess / np.log2(len(counts))))


def test_divergence_of_known_counts() -> None:
    assert float(generalised_jsd(DIFFERING)) == pytest.approx(0.12445, abs=5e-6)
    assert float(generalised_jsd(np.array([STORE, PHONE]))) == pytest.approx(0.1641, abs=5e-5)
    assert float(generalised_jsd(np.array([[7, 0], [0, 3]]))) == pytest.approx(1.0)
    assert float(generalised_jsd(np.array([[2, 4], [20, 40]]))) == pytest.approx(0.0)


def test_two_by_two_table_agrees_with_the_exact_distribution() -> None:
    # Margins 4, 4 by 4, 4: the first cell is hypergeometric, so mean and p can be summed over its five values.
    observed, draws = np.array([[3, 1], [1, 3]]), 20_000
    cells = np.arange(5)
    weights = stats.hypergeom(8, 4, 4).pmf(cells)
    divergences = np.array([float(generalised_jsd(np.array([[a, 4 - a], [4 - a, a]]))) for a in cells])
    mean = float(weights @ divergences)
    spread = float(np.sqrt(weights @ (divergences - mean) ** 2 / draws))
    estimate = permute_channels(observed, draws, np.random.default_rng(1))
    assert estimate.mean_permuted_jsd == pytest.approx(mean, abs=5 * spread)
    # All tables but the even one (a = 2) are at least as divergent as the observed one.
    assert estimate.p_value == pytest.approx(1 - weights[2], abs=5 * np.sqrt(0.25 / draws))


def test_three_channels_agree_with_shuffled_labels() -> None:
    counts = np.array([[5, 10, 15], [20, 5, 5], [10, 10, 40]])
    labels = np.repeat(np.arange(3), counts.sum(axis=1))
    scores = np.concatenate([np.repeat(np.arange(3), row) for row in counts])
    generator = np.random.default_rng(2)

    def shuffled() -> float:
        table = np.zeros((3, 3), dtype=np.int64)
        np.add.at(table, (generator.permutation(labels), scores), 1)
        return float(generalised_jsd(table))

    naive = np.array([shuffled() for _ in range(3_000)])
    estimate = permute_channels(counts, 3_000, np.random.default_rng(3))
    tolerance = 5 * naive.std() * np.sqrt(2 / 3_000)
    assert estimate.mean_permuted_jsd == pytest.approx(naive.mean(), abs=tolerance)


@pytest.mark.parametrize(("answers", "least"), [(50, 0.90), (500, 0.96)])
def test_channels_of_one_distribution_publish_about_one(answers: int, least: float) -> None:
    # 2N ln2 · JSD is chi-squared with (k-1)(m-1) = 8 degrees of freedom under equality, whose excess over 8 is left.
    generator = np.random.default_rng(answers)
    samples = [generator.multinomial(answers, [0.05, 0.1, 0.15, 0.4, 0.3], size=3) for _ in range(40)]
    figures = np.array([published(counts, seed) for seed, counts in enumerate(samples)])
    raw = np.array([1 - np.sqrt(float(generalised_jsd(counts)) / np.log2(3)) for counts in samples])
    excess = np.sqrt(np.maximum(stats.chi2(8).ppf((np.arange(10_000) + 0.5) / 10_000) - 8, 0))
    scale = np.sqrt(2 * 3 * answers * np.log(2) * np.log2(3))
    expected = 1 - excess / scale
    assert figures.mean() == pytest.approx(expected.mean(), abs=4 * expected.std() / np.sqrt(len(samples)))
    assert figures.mean() > least
    assert np.all(figures >= raw)


def test_channels_that_differ_stay_apart() -> None:
    estimate = permute_channels(DIFFERING, 999, np.random.default_rng(5))
    assert estimate.p_value == 0.001  # no relabelling of 999 came near
    # Bias of about (k-1)(m-1)/(2N ln2) = 8/416 bits leaves 1 - √(.105/1.585) = .74.
    assert published(DIFFERING, 5) == pytest.approx(0.74, abs=0.02)


def test_parts_of_equal_size_are_held_against_each_other() -> None:
    """Where all channels are as large, what is left is the divergence less chance: nothing is drawn."""
    alike = permute_channels(DIFFERING, 999, np.random.default_rng(6))
    assert alike.equal_n == 100
    assert alike.equal_n_excess_jsd == pytest.approx(0.12445 - alike.mean_permuted_jsd, abs=0.002)
    # Hundreds drawn from a channel ten times as large waver: (1/3 - 1/9) 4/(2n ln2) bits more; chance is 8/(2N ln2).
    larger = permute_channels(DIFFERING * np.array([[10], [1], [1]]), 999, np.random.default_rng(6))
    expected = 0.12445 + (1 / 3 - 1 / 9) * 4 / (200 * np.log(2)) - 8 / (600 * np.log(2))
    assert larger.equal_n == 100
    assert larger.equal_n_excess_jsd == pytest.approx(expected, abs=0.006)


@pytest.fixture
def builder(settings: Settings) -> Iterator[Engine]:
    """A migrated warehouse with an empty counts table, as the builder."""
    engine = warehouse.engine(settings, warehouse.Role.BUILDER)
    with engine.begin() as connection:
        connection.execute(text(COUNTS_DDL))
    yield engine
    engine.dispose()


def fill(engine: Engine, rows: Sequence[tuple[str, str, int, int, bool]]) -> None:
    names = ("period", "channel", "score", "n", "is_compared")
    with engine.begin() as connection:
        connection.execute(text("truncate intermediate.int_channel_score_counts"))
        connection.execute(text(INSERT_COUNT), [dict(zip(names, row, strict=True)) for row in rows])


def stored(engine: Engine, build_id: int) -> dict[str, Any]:
    query = "select period, mean_permuted_jsd, p_value, permutations from estimates.channel_permutations"
    with engine.connect() as connection:
        rows = connection.execute(text(f"{query} where build_id = :build_id"), {"build_id": build_id})
        return {row.period: tuple(row)[1:] for row in rows}


def test_run_writes_one_build_whatever_the_order_of_rows(builder: Engine) -> None:
    rows = [
        (period, channel, score, n, True)
        for period in ("all", "2024-01")
        for channel, counts in (("store", STORE), ("phone", PHONE), ("web", WEB))
        for score, n in enumerate(counts, start=1)
    ]
    lonely = [("2024-02", "store", 5, 60, True), ("2024-02", "web", 5, 9, False)]
    fill(builder, rows + lonely)
    run(builder, 1, SCORES, permutations=199)
    first = stored(builder, 1)
    assert set(first) == {"all", "2024-01"}  # one compared channel is nothing to compare
    assert first["all"][1:] == (0.005, 199)
    assert first["all"][0] == pytest.approx(8 / (2 * 300 * np.log(2)), rel=0.15)
    assert first["all"][0] != first["2024-01"][0]  # every group draws on its own

    fill(builder, rows[::-1][:15])
    run(builder, 2, SCORES, permutations=199)
    assert stored(builder, 2) == {"2024-01": first["2024-01"]}
    run(builder, 2, SCORES, permutations=199)
    assert stored(builder, 2) == {"2024-01": first["2024-01"]}
    assert stored(builder, 1) == first


def test_run_without_groups_leaves_nothing_of_an_earlier_attempt(builder: Engine) -> None:
    fill(builder, [("all", channel, 5, 60, True) for channel in ("store", "web")])
    run(builder, 1, SCORES, permutations=9)
    assert stored(builder, 1) == {"all": (0.0, 1.0, 9)}
    fill(builder, [("all", "store", 5, 60, True)])
    run(builder, 1, SCORES, permutations=9)
    assert stored(builder, 1) == {}


def test_run_refuses_no_permutations(builder: Engine) -> None:
    with pytest.raises(TouchlineError, match="ask for at least 1"):
        run(builder, 1, SCORES, permutations=0)


def test_answers_are_permuted_like_scores(builder: Engine) -> None:
    """Codes are words: their order is that of bytes, and changes nothing but the draws."""
    with builder.begin() as connection:
        connection.execute(
            text(
                "create table intermediate.int_answer_mix (brand text, period text, issue_code text, channel text,"
                " resolution_code text, n bigint, is_compared boolean)"
            )
        )
        connection.execute(
            text(
                "insert into intermediate.int_answer_mix values ('b', 'all', 'billing', 'phone', 'refunded', 50, true),"
                " ('b', 'all', 'billing', 'email', 'explained', 50, true),"
                " ('b', 'all', 'billing', 'chat', 'explained', 9, false)"
            )
        )
    run(builder, 1, ANSWERS, permutations=199)
    with builder.connect() as connection:
        query = "select issue_code, p_value, permutations, mean_permuted_jsd from estimates.answer_permutations"
        [(issue, p_value, permutations, mean)] = [tuple(row) for row in connection.execute(text(query))]
    assert (issue, p_value, permutations) == ("billing", 0.005, 199)
    # (k-1)(m-1)/(2N ln2) bits of 100 cases, two channels and two codes
    assert mean == pytest.approx(1 / (200 * np.log(2)), rel=0.4)
