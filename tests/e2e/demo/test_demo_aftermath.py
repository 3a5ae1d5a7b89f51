"""The demo gives back what a mishap costs, what a good recovery gives, and what was made good the same day."""

from support.demo import Demo

QUANTILE = 3.291
"""Two-sided 99.9 %; the marts' intervals are of 95 %, 3.92 standard errors wide."""


def differences(demo: Demo, comparison: str, outcome: str, failure_type: str = "all") -> dict[str, tuple[float, float]]:
    """By standing: the difference and its standard error, in points of the scale of 100."""
    version = "feeling-1" if outcome == "satisfaction" else "all"
    rows = demo.rows(
        "select standing, difference::float, (difference_upper - difference_lower)::float / 3.92"
        f" from rpt_recovery_paradox where comparison = '{comparison}' and outcome = '{outcome}'"
        f" and survey_version = '{version}' and failure_type = '{failure_type}' and severity = 'all'"
    )
    return {standing: (100 * value, 100 * error) for standing, value, error in rows if value is not None}


def test_feelings_are_those_planted(demo: Demo) -> None:
    realised = demo.truth["recovery_paradox"]["realised"]
    found = demo.rows(
        "select count(*)::int, count(score)::int from fct_surveys where survey_version = 'feeling-1'"
        " and survey_type = 'csat'"
    )
    assert found == [(realised["sent"], realised["answered"])]


def test_a_mishap_costs_and_a_good_recovery_gives_what_was_planted(demo: Demo) -> None:
    """The same persons before and after: whoever accepted what was offered is happier than ever, nobody else is."""
    planted = demo.truth["recovery_paradox"]["planted"]
    found = differences(demo, "within_person", "satisfaction")
    value, error = found["recovered"]
    assert abs(value - planted["mishap"] - planted["good_recovery"]) <= QUANTILE * error
    # two points in all: some sixty persons show them at 95 %, not at 99.9 %
    assert value > 1.96 * error
    value, error = found["rejected"]
    assert abs(value - planted["mishap"]) <= QUANTILE * error
    # complaints without a recovery; calls given up and low scores cost nothing in this world
    value, error = differences(demo, "within_person", "satisfaction", "complaint")["unrecovered"]
    assert abs(value - planted["mishap"]) <= QUANTILE * error
    assert value < -QUANTILE * error


def test_like_customers_tell_the_same(demo: Demo) -> None:
    """Beside customers whom nothing met in the week; whether anybody buys again follows from no recovery."""
    planted = demo.truth["recovery_paradox"]["planted"]
    found = differences(demo, "between_persons", "satisfaction")
    value, error = found["recovered"]
    assert abs(value - planted["mishap"] - planted["good_recovery"]) <= QUANTILE * error
    # of customers who rejected what was offered too few can be compared
    assert "rejected" not in found
    value, error = differences(demo, "between_persons", "repurchase")["recovered"]
    assert abs(value - planted["repurchase"]) <= QUANTILE * error


def test_what_is_made_good_on_its_business_day_is_what_was_counted(demo: Demo) -> None:
    """Recoveries alone: where a mishap has none, nothing was made good."""
    kinds = "('late_delivery', 'wrong_item', 'billing_error', 'rude_service')"
    [(judged, same_day)] = demo.rows(
        "select sum(judged)::int, sum(same_day)::int from rpt_same_day"
        f" where failure_type in {kinds} and severity = 'all' and period = 'all' and day_basis = 'all'"
    )
    truth = demo.truth["same_day"]
    assert (judged, same_day) == (truth["judged"], truth["same_day"])
    by_hours = "select failures::int from rpt_same_day where day_basis = 'hours'"
    assert demo.rows(by_hours)[0][0] > 50
