"""The demo gives back the answers that were planted in surveys."""

from collections import Counter

from support.demo import Demo


def test_score_counts_by_channel_are_what_was_planted(demo: Demo) -> None:
    found = Counter(
        {
            (channel, int(score)): count
            for channel, score, count in demo.rows(
                "select service_channel, score, count(*) from fct_surveys"
                " where survey_type = 'csat' and survey_version = 'v1' and score is not null group by 1, 2"
            )
        }
    )
    realised = demo.truth["surveys"]["realised"]
    planted = {
        (channel, score): count
        for channel in ("store", "phone", "web")
        for score, count in enumerate(realised[channel]["score_counts"], start=1)
        if count
    }
    assert found == planted


def test_effort_scores_are_what_was_planted(demo: Demo) -> None:
    [(surveys, responses, easy, hard)] = demo.rows(
        "select surveys::int, responses::int, easy::int, hard::int from rpt_effort_scores"
        " where period = 'all' and channel = 'all' and segment_code = 'all'"
    )
    realised = demo.truth["surveys"]["realised"]["ces"]
    assert (surveys, responses) == (realised["sent"], realised["answered"])
    counts = realised["score_counts"]
    assert (easy, hard) == (sum(counts[5:]), sum(counts[:3]))


def test_net_promoters_are_those_planted(demo: Demo) -> None:
    [(promoters, passives, detractors)] = demo.rows(
        "select promoters::int, passives::int, detractors::int from rpt_word_of_mouth"
        " where period = 'all' and channel = 'all' and segment_code = 'all'"
    )
    counts = demo.truth["surveys"]["realised"]["nps"]["score_counts"]
    assert (detractors, passives, promoters) == (sum(counts[:7]), sum(counts[7:9]), sum(counts[9:]))
