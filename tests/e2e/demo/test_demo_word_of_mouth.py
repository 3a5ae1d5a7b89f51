"""The demo gives back what customers write in public, and whom they bring."""

import pytest

from support.demo import Demo
from support.plausible import is_plausible


def test_reviews_are_rated_and_answered_as_planted(demo: Demo) -> None:
    truth = demo.truth["reviews"]
    realised = truth["realised"]
    sums = "sum(reviews)::int, sum(rating_sum)::int, sum(negative)::int, sum(negative_judged)::int"
    [(posted, stars, negative, judged, answered)] = demo.rows(
        f"select {sums}, sum(negative_answered)::int from rpt_reviews where period = 'all' and issue_code = 'all'"
    )
    assert posted == realised["posted"]
    assert stars == sum(number * count for number, count in enumerate(realised["stars"], start=1))
    assert (negative, judged, answered) == (
        realised["negative"],
        realised["negative_judged"],
        realised["negative_answered"],
    )
    assert is_plausible(answered, judged, truth["planted"]["answered"]["negative"])
    # answers come from the first hour on, each second up to 48 hours equally likely
    [(median, answers)] = demo.rows(
        "select sum(answer_median_hours * negative)::float / sum(negative), count(*)::int from rpt_reviews"
        " where period = 'all' and issue_code = 'all' and answer_median_hours is not null"
    )
    assert answers > 0
    assert median == pytest.approx(truth["planted"]["answer_seconds"] / 3600, abs=12)


def test_reviews_follow_the_matters_they_are_about(demo: Demo) -> None:
    """Planted within three days of the last contact: whoever is known has an episode before."""
    [(known, with_episode)] = demo.rows(
        "select sum(known_reviews)::int, sum(with_episode)::int from rpt_reviews"
        " where period = 'all' and issue_code = 'all'"
    )
    assert with_episode == pytest.approx(known, rel=0.05)


def test_referrals_bring_whom_they_brought(demo: Demo) -> None:
    truth = demo.truth["referrals"]
    [(made, judged, converted)] = demo.rows(
        "select referrals::int, judged::int, converted::int from rpt_referrals"
        " where period = 'all' and issue_code = 'all'"
    )
    assert {"made": made, "judged": judged, "converted": converted} == truth["realised"]
    assert is_plausible(converted, judged, truth["planted"]["converted"])
