"""Two questions after cases: counted from the files alone, one follows the issue, the other the channel."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from support.plausible import is_plausible

CHANNELS, ISSUES = ("phone", "email", "chat"), ("billing", "delivery", "product", "account")


def answers(world: Any, version: str) -> dict[tuple[str, str], Counter[int]]:
    """Channel and issue of the case that a survey names → answers by score."""
    cases = {row["case_id"]: row for row in world.rows("service_crm", "cases")}
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for row in world.rows("service_crm", "survey_responses"):
        if row["survey_version"] == version and row["score"]:
            case = cases[row["touchpoint_ref_id"]]
            assert row["service_channel"] == case["origin_channel"]
            assert (row["survey_type"], row["touchpoint_ref_type"]) == ("ces", "case")
            found[case["origin_channel"], case["issue_type"]][int(row["score"])] += 1
    return found


@pytest.mark.parametrize("version", ["issue-1", "channel-1"])
def test_answers_are_those_of_the_truth(world: Any, version: str) -> None:
    realised = world.truth["issue_mix"]["realised"][version]
    truth = {
        (channel, issue): Counter(dict(enumerate(counts, start=1)))
        for channel, issues in realised.items()
        for issue, counts in issues.items()
    }
    assert answers(world, version) == truth
    assert set(truth) == {(channel, issue) for channel in CHANNELS for issue in ISSUES}


@pytest.mark.parametrize("version", ["issue-1", "channel-1"])
def test_scores_follow_one_cause_alone(world: Any, version: str) -> None:
    planted = world.truth["issue_mix"]["planted"][version]
    for (channel, issue), counts in answers(world, version).items():
        shares = planted[issue if version == "issue-1" else channel]
        n = counts.total()
        assert all(is_plausible(counts[score], n, share) for score, share in enumerate(shares, start=1))


def test_channels_differ_in_their_mix_where_the_issue_decides_and_else_do_not(world: Any) -> None:
    """P(an answer is about the issue that a channel asks most about) against that of the channels together."""
    for channel, issue in (("phone", "billing"), ("email", "delivery"), ("chat", "account")):
        own, all_of_them = {}, {}
        for version in ("issue-1", "channel-1"):
            sizes = {of: counts.total() for of, counts in answers(world, version).items()}
            own[version] = (sizes[channel, issue], sum(sizes[channel, each] for each in ISSUES))
            all_of_them[version] = sum(sizes[each, issue] for each in CHANNELS) / sum(sizes.values())
        assert own["issue-1"][0] / own["issue-1"][1] > 1.4 * all_of_them["issue-1"]
        assert is_plausible(*own["channel-1"], all_of_them["channel-1"])
