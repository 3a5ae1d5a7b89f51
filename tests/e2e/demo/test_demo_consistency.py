"""The demo gives back how alike channels were planted: prices, answers, and the scores of the same persons."""

from math import log2, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.stats import entropy

from support.demo import Demo


def test_prices_part_where_they_were_planted_to(demo: Demo) -> None:
    """Five products of forty cost less on the web, on every day asked; charged days as counted from the sales."""
    truth = demo.truth["prices"]
    planted = len(truth["products"]) / truth["all_products"]
    [(products, apart, share, spread, lowest, highest)] = demo.rows(
        "select products::int, products_apart::int, parity_share::float, spread_mean::float, parity_share_lower::float,"
        " parity_share_upper::float from rpt_price_parity where basis = 'asked' and period = 'all' and category = 'all'"
    )
    assert (products, apart) == (truth["all_products"], len(truth["products"]))
    assert share == pytest.approx(1 - planted, abs=5e-5)
    assert lowest < share < highest
    # prices are whole cents
    assert spread == pytest.approx(1 / truth["web_factor"] - 1, abs=0.001)
    rows = demo.rows(
        "select period, product_days::int, equal_days::int from rpt_price_parity"
        " where basis = 'charged' and category = 'all' and period <> 'all'"
    )
    found = {period: {"product_days": days, "equal_days": equal} for period, days, equal in rows}
    # the last day is not over everywhere
    closed = sorted(truth["charged"])[:-1]
    assert len(closed) >= 5
    assert {period: found[period] for period in closed} == {period: truth["charged"][period] for period in closed}


def test_answers_part_where_one_channel_was_planted_to_answer_otherwise(demo: Demo) -> None:
    """Codes by channel to the case; each compared issue within what samples of the planted answers show."""
    truth = demo.truth["answers"]
    rows = demo.rows(
        "select issue_code, channel, resolution_code, cases::int, is_compared from rpt_answer_shares"
        " where period = 'all'"
    )
    realised = {
        (issue, channel, code): cases
        for issue, channels in truth["realised"].items()
        for channel, codes in channels.items()
        for code, cases in codes.items()
        if cases
    }
    assert {(issue, channel, code): cases for issue, channel, code, cases, _ in rows} == realised
    published = {
        issue: (value, p)
        for issue, value, p in demo.rows(
            "select issue_code, consistency::float, permutation_p_value::float from rpt_answer_parity"
            " where period = 'all' and consistency is not null"
        )
    }
    assert {"billing", "delivery"} <= set(published)
    for issue, (value, p) in published.items():
        compared = {channel for code, channel, *_, is_compared in rows if code == issue and is_compared}
        lowest, highest = _sampled(truth, issue, sorted(compared))
        assert lowest <= value <= highest, issue
        assert (p <= 0.001) == (issue in truth["otherwise"]), issue


def _sampled(truth: dict[str, Any], issue: str, channels: list[str]) -> tuple[float, float]:
    """99.9 % of the published index in samples of the planted answers of the same sizes, mean chance taken away."""
    planted = [truth["otherwise"].get(issue, {}).get(channel, truth["planted"]) for channel in channels]
    sizes = [sum(truth["realised"][issue][channel].values()) for channel in channels]
    # excess of 2N ln2 times the divergence over its degrees of freedom under equality
    chance = (len(channels) - 1) * (len(truth["planted"]) - 1) / (2 * sum(sizes) * np.log(2))
    generator = np.random.default_rng(1)
    figures = []
    for _ in range(4_000):
        drawn = [generator.multinomial(n, list(shares.values())) / n for n, shares in zip(sizes, planted, strict=True)]
        divergence = entropy(np.mean(drawn, axis=0), base=2) - np.mean([entropy(one, base=2) for one in drawn])
        figures.append(1 - sqrt(max(divergence - chance, 0) / log2(len(channels))))
    # relabellings are drawn, too: a hundredth to either side
    return float(np.quantile(figures, 0.0005)) - 0.01, float(np.quantile(figures, 0.9995)) + 0.01


def test_the_same_persons_score_channels_as_planted(demo: Demo) -> None:
    """Scores are drawn by channel alone: the paired difference is that of the planted means, within 99.9 %."""
    planted = {
        channel: sum(score * share for score, share in enumerate(shares, start=1))
        for channel, shares in demo.truth["surveys"]["planted"].items()
        if channel in ("store", "phone", "web")
    }
    rows = demo.rows(
        "select channel, other_channel, persons::int, mean_difference::float,"
        " (mean_difference_upper - mean_difference_lower)::float / 3.92 from rpt_customer_consistency"
        " where survey_type = 'csat' and mean_difference is not null"
    )
    assert {(channel, other) for channel, other, *_ in rows} == {("phone", "store"), ("phone", "web"), ("store", "web")}
    for channel, other, persons, difference, error in rows:
        assert persons >= 20
        assert abs(difference - (planted[channel] - planted[other])) <= 3.291 * error, (channel, other)
    parted = {(channel, other): difference / error for channel, other, _, difference, error in rows}
    assert parted["phone", "store"] < -3.291
