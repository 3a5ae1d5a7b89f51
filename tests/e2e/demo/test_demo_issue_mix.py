"""The demo tells channels that only meet other issues from channels that serve otherwise."""

from collections.abc import Callable
from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import entropy

from support.demo import Demo

FEWEST = 10
Table = npt.NDArray[np.float64]
"""Issues by channels by scores, counted or planted."""


def compared(demo: Demo, version: str) -> tuple[list[str], list[str], Table]:
    """Issues and channels that the truth can compare, and its counts."""
    realised = demo.truth["issue_mix"]["realised"][version]
    channels = sorted(realised)
    issues = sorted({issue for issue in realised[channels[0]] if all(issue in realised[each] for each in channels)})
    issues = [issue for issue in issues if min(sum(realised[channel][issue]) for channel in channels) >= FEWEST]
    counts = [[realised[channel][issue] for channel in channels] for issue in issues]
    return issues, channels, np.array(counts, dtype=float)


def planted(demo: Demo, version: str) -> Table:
    scores = demo.truth["issue_mix"]["planted"][version]
    issues, channels, _ = compared(demo, version)
    return np.array(
        [[scores[issue if version == "issue-1" else channel] for channel in channels] for issue in issues], dtype=float
    )


def as_they_come(counts: Table) -> float:
    """Divergence of the channels' scores whatever they were asked, in bits."""
    return divergence(counts.sum(axis=0))


def at_an_equal_mix(counts: Table) -> float:
    """The same, each issue being as frequent in every channel as in all of them."""
    weights = counts.sum(axis=(1, 2)) / counts.sum()
    return divergence(np.einsum("i,ics->cs", weights, counts / counts.sum(axis=2, keepdims=True)))


def divergence(scores: Table) -> float:
    shares = scores / scores.sum(axis=1, keepdims=True)
    return float(entropy(shares.mean(axis=0), base=2) - entropy(shares, base=2, axis=1).mean())


def published(demo: Demo, version: str) -> dict[str, Any]:
    columns = (
        "channel_count, issue_count, channel_responses, compared_responses, support_share, jsd, equal_mix_jsd,"
        " consistency, permutation_p_value, equal_mix_consistency, equal_mix_p_value"
    )
    [row] = demo.rows(
        f"select {columns} from rpt_issue_mix_consistency where survey_version = '{version}' and period = 'all'"
    )
    return dict(zip(columns.split(", "), map(float, row), strict=True))


def drawn(counts: Table, shares: Table, measure: Callable[[Table], float]) -> Table:
    """The measure in 2,000 samples of these shares with the sizes of the counts."""
    generator = np.random.default_rng(1)
    sizes = counts.sum(axis=2).astype(int)
    samples = [generator.multinomial(sizes, shares) for _ in range(2_000)]
    return np.array([measure(sample.astype(float)) for sample in samples])


@pytest.mark.parametrize("version", ["issue-1", "channel-1"])
def test_divergences_are_those_of_the_answers_counted(demo: Demo, version: str) -> None:
    issues, channels, counts = compared(demo, version)
    found = published(demo, version)
    assert (found["channel_count"], found["issue_count"]) == (len(channels), len(issues)) == (3, len(issues))
    assert found["compared_responses"] == counts.sum()
    every = [sum(map(sum, of.values())) for of in demo.truth["issue_mix"]["realised"][version].values()]
    assert found["channel_responses"] == sum(every)
    assert found["support_share"] == pytest.approx(counts.sum() / sum(every), abs=5e-5)
    assert found["jsd"] == pytest.approx(as_they_come(counts), abs=6e-6)
    assert found["equal_mix_jsd"] == pytest.approx(at_an_equal_mix(counts), abs=6e-6)


@pytest.mark.parametrize("version", ["issue-1", "channel-1"])
@pytest.mark.parametrize(
    ("measure", "index"), [(as_they_come, "consistency"), (at_an_equal_mix, "equal_mix_consistency")]
)
def test_indices_are_those_of_samples_of_what_was_planted(
    demo: Demo, version: str, measure: Callable[[Table], float], index: str
) -> None:
    """Within 99.9 % of samples, less what chance shows where channels score alike: at all, or about each issue."""
    _, channels, counts = compared(demo, version)
    whole = (0, 1) if measure is as_they_come else (1,)
    alike = counts.sum(axis=whole, keepdims=True) / counts.sum(axis=(*whole, 2), keepdims=True)
    chance = drawn(counts, np.broadcast_to(alike, counts.shape), measure).mean()
    excess = np.maximum(drawn(counts, planted(demo, version), measure) - chance, 0)
    figures = 1 - np.sqrt(excess / log2(len(channels)))
    # relabellings are drawn, too: a hundredth to either side
    lowest, highest = np.quantile(figures, [0.0005, 0.9995])
    assert lowest - 0.01 <= published(demo, version)[index] <= highest + 0.01


def test_a_difference_of_mixes_is_told_from_one_of_channels(demo: Demo) -> None:
    """Where the issue alone decides, channels look apart until they meet the same issues; else they stay apart."""
    by_issue, by_channel = published(demo, "issue-1"), published(demo, "channel-1")
    assert by_issue["permutation_p_value"] == by_channel["permutation_p_value"] == 0.001
    assert by_issue["equal_mix_p_value"] > 0.001
    assert by_issue["equal_mix_consistency"] > by_issue["consistency"]
    assert by_channel["equal_mix_p_value"] == 0.001


def test_what_cannot_be_compared_says_why(demo: Demo) -> None:
    """Surveys after calls come from one channel only; those of the company as a whole name nothing."""
    found = demo.rows(
        "select survey_type || '/' || survey_version, uncompared_because from rpt_issue_mix_consistency"
        " where period = 'all' and equal_mix_consistency is null"
    )
    assert dict(found) == {
        "csat/v1": "too_few_channels",
        "ces/2.0": "too_few_channels",
        "csat/feeling-1": "no_issue_named",
        "nps/v1": "no_issue_named",
        "servqual/v1": "no_issue_named",
    }
