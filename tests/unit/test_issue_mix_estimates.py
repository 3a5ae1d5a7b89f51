"""Channels at an equal mix of issues: arithmetic, exact small tables, worlds without effect, and the warehouse."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sqlalchemy import text

from touchline import warehouse
from touchline.estimates.channels import ISSUES, run
from touchline.estimates.permutations import generalised_jsd, permute_within_strata, standardised_jsd
from touchline.settings import Settings

# High and low scores of phone and web: 75 in 100 are high about billing, 25 about delivery, on either channel. Phone is
# asked 80 times about billing and 20 about delivery, web the other way round.
BILLING, DELIVERY = [[60, 20], [15, 5]], [[5, 15], [20, 60]]
MIXED = np.array([BILLING, DELIVERY])


def index(divergence: float, channels: int) -> float:
    """The consistency index as the mart computes it."""
    return 1.0 - float(np.sqrt(max(divergence, 0.0) / np.log2(channels)))


def worlds(
    generator: np.random.Generator, scores: list[list[float]], sizes: list[list[int]], count: int
) -> list[npt.NDArray[np.int64]]:
    """Answers of channels that score as the issue does: `scores` by issue, `sizes` by issue and channel."""
    return [
        np.array(
            [
                [generator.multinomial(n, shares) for n in of_issue]
                for shares, of_issue in zip(scores, sizes, strict=True)
            ]
        )
        for _ in range(count)
    ]


def test_mixes_alone_part_channels_that_score_every_issue_alike() -> None:
    """Phone has 65 of 100 high, web 35: 1 - H(.65) = .065932 bits, index .7432; at an equal mix both have 50."""
    assert float(generalised_jsd(MIXED.sum(axis=0))) == pytest.approx(0.065932, abs=5e-7)
    assert index(float(generalised_jsd(MIXED.sum(axis=0))), 2) == pytest.approx(0.7432, abs=5e-5)
    assert float(standardised_jsd(MIXED)) == pytest.approx(0.0, abs=1e-12)


def test_weights_are_those_of_all_channels_together() -> None:
    """Billing is 150 of 200 answers. Phone: .75 · .9 + .25 · .5 = .8 high; web: .75 · .4 + .25 · .9 = .525."""
    counts = np.array([[[90, 10], [20, 30]], [[10, 10], [27, 3]]])
    entropy = stats.entropy([0.6625, 0.3375], base=2)
    expected = entropy - (stats.entropy([0.8, 0.2], base=2) + stats.entropy([0.525, 0.475], base=2)) / 2
    assert float(standardised_jsd(counts)) == pytest.approx(float(expected), abs=1e-12)


def test_two_issues_agree_with_the_exact_distribution() -> None:
    """Margins 4, 4 by 4, 4 in either issue: two independent hypergeometric cells, so mean and p can be summed."""
    observed, draws = np.array([[[4, 0], [0, 4]], [[2, 2], [2, 2]]]), 20_000
    weights = stats.hypergeom(8, 4, 4).pmf(np.arange(5))
    mean = exceeding = square = 0.0
    for a, b in product(range(5), repeat=2):
        # (a + b) / 8 high in the first channel, the rest of 8 in the second: 1 - H bits
        share = (a + b) / 8
        divergence = 1 - float(stats.entropy([share, 1 - share], base=2))
        weight = float(weights[a] * weights[b])
        mean += weight * divergence
        square += weight * divergence**2
        # observed are 6 high of 8
        exceeding += weight * (abs(a + b - 4) >= 2)
    estimate = permute_within_strata(observed, draws, np.random.default_rng(1))
    error = np.sqrt((square - mean**2) / draws)
    assert estimate.mean_standardised_jsd == pytest.approx(mean, abs=5 * error)
    assert estimate.standardised_p_value == pytest.approx(exceeding, abs=5 * np.sqrt(0.25 / draws))


@pytest.mark.parametrize(("answers", "least"), [(50, 0.85), (500, 0.95)])
def test_channels_of_one_service_publish_about_one_whatever_their_mixes(answers: int, least: float) -> None:
    """Three channels, mixes 80, 10, 10 in turn: raw they look apart, at an equal mix about alike."""
    large, small = answers * 8 // 10, answers // 10
    sizes = [[large if channel == issue else small for channel in range(3)] for issue in range(3)]
    scores = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.1, 0.8, 0.1]]
    generator = np.random.default_rng(answers)
    raw, equal = [], []
    for counts in worlds(generator, scores, sizes, 25):
        estimate = permute_within_strata(counts, 99, generator)
        raw.append(index(float(generalised_jsd(counts.sum(axis=0))) - estimate.mean_permuted_jsd, 3))
        equal.append(index(float(standardised_jsd(counts)) - estimate.mean_standardised_jsd, 3))
        assert estimate.p_value == 0.01
    # of .8, .1, .1 in turn: .8 (.7, .2, .1) + .1 (.1, .2, .7) + .1 (.1, .8, .1) and so on, without noise
    mixes = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    distributions = mixes @ np.array(scores)
    divergence = stats.entropy(distributions.mean(axis=0), base=2) - stats.entropy(distributions, base=2, axis=1).mean()
    assert float(np.mean(raw)) == pytest.approx(index(float(divergence), 3), abs=0.03)
    assert float(np.mean(equal)) > least
    assert float(np.mean(equal)) > float(np.mean(raw)) + 0.2


def test_no_effect_is_found_more_often_than_by_chance() -> None:
    """Of 200 worlds without effect 5 % have p ≤ .05, and no more than the 99.9 % quantile of so many."""
    generator = np.random.default_rng(11)
    found = mistaken = 0
    for counts in worlds(generator, [[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]], [[60, 20], [20, 60]], 200):
        estimate = permute_within_strata(counts, 99, generator)
        found += estimate.standardised_p_value <= 0.05
        mistaken += estimate.p_value <= 0.05
    assert 1 <= found <= stats.binom(200, 0.05).ppf(0.999)
    # labels permuted over all issues take the mix for an effect in nearly all of them
    assert mistaken > 180


def test_an_effect_within_issues_is_found() -> None:
    """Phone is liked better about either issue; the mixes are such that raw both have 50 high of 100."""
    counts = np.array([[[18, 2], [45, 35]], [[32, 48], [5, 15]]])
    assert counts.sum(axis=0).tolist() == [[50, 50], [50, 50]]
    estimate = permute_within_strata(counts, 999, np.random.default_rng(3))
    # equal halves: phone .5 · .9 + .5 · .4 = .65, web .5 · .5625 + .5 · .25 = .40625
    assert estimate.p_value == 1.0
    assert estimate.standardised_p_value < 0.01


def test_run_reads_compared_issues_and_writes_one_build(settings: Settings) -> None:
    builder = warehouse.engine(settings, warehouse.Role.BUILDER)
    cells = [
        {"channel": channel, "issue": issue, "score": score, "n": n, "is_compared": True}
        for issue, table in (("billing", BILLING), ("delivery", DELIVERY))
        for channel, row in zip(("phone", "web"), table, strict=True)
        for score, n in zip((5, 1), row, strict=True)
    ]
    cells.append({"channel": "web", "issue": "account", "score": 1, "n": 9, "is_compared": False})
    with builder.begin() as connection:
        connection.execute(
            text(
                "create table intermediate.int_issue_score_counts (brand text, survey_type text, survey_version text,"
                " period text, channel text, issue_code text, score numeric(9, 4), n bigint, is_compared boolean)"
            )
        )
        insert = "insert into intermediate.int_issue_score_counts values ('b', 'csat', 'v1', 'all', :channel, :issue,"
        connection.execute(text(f"{insert} :score, :n, :is_compared)"), cells)
    run(builder, 1, ISSUES, permutations=199)
    run(builder, 1, ISSUES, permutations=199)
    with builder.connect() as connection:
        [row] = connection.execute(text("select * from estimates.mix_permutations")).mappings()
    builder.dispose()
    assert (row["build_id"], row["survey_version"], row["period"], row["permutations"]) == (1, "v1", "all", 199)
    # 65 of 100 against 35 comes about by chance less than once in 10,000; nothing is less divergent than 0
    assert (row["p_value"], row["standardised_p_value"]) == (0.005, 1.0)
    # (k-1)(m-1)/(2N ln2) bits of 200 answers, two channels and two scores
    assert row["mean_permuted_jsd"] == pytest.approx(1 / (400 * np.log(2)), rel=0.4)
