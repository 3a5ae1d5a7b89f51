"""In the demo a score foretells no purchase: whoever gives the best one comes back as the merely satisfied do."""

from support.demo import Demo


def test_the_best_score_makes_nobody_come_back(demo: Demo) -> None:
    """Scores are drawn apart from purchases: the planted difference lies within 99.9 % (3.291 standard errors)."""
    planted = demo.truth["loyalty"]["planted"]["best_score"]
    rows = demo.rows(
        "select outcome, purchase_days, difference::float, (difference_upper - difference_lower)::float / 3.92,"
        " top_box_customers::int from rpt_top_box_loyalty where survey_version = 'v1' and difference is not null"
    )
    assert {outcome for outcome, often, *_ in rows if often == "all"} == {"repurchase", "retention"}
    for outcome, often, difference, error, customers in rows:
        if often == "all":
            # so few customers have answered by then and are alike that a difference of a half would be seen, no less
            assert customers > 10
            assert 3.291 * error < 0.5
            assert abs(difference - planted) <= 3.291 * error, outcome


def test_the_best_and_the_satisfied_answers_are_those_planted(demo: Demo) -> None:
    scores = demo.truth["surveys"]["realised"]
    counts = [scores[channel]["score_counts"] for channel in ("store", "phone", "web")]
    found = demo.rows(
        "select top_box::int, merely_satisfied::int from rpt_top_box where survey_version = 'v1'"
        " and period = 'all' and channel = 'all' and segment_code = 'all'"
    )
    assert found == [(sum(one[4] for one in counts), sum(one[3] for one in counts))]
