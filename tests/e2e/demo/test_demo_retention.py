"""The demo gives back who stayed and who left, as it was planted."""

from decimal import Decimal

import pytest

from support.demo import Demo
from support.plausible import is_plausible


def test_who_came_back_is_who_was_planted(demo: Demo) -> None:
    """One person in fifty may be two to the exports, or two people one."""
    found = {
        str(day): (customers, returned)
        for day, customers, returned in demo.rows(
            "select day_number, sum(customers)::int, sum(returned)::int from rpt_retention_curves"
            " where measure = 'return' group by 1"
        )
    }
    for day, realised in demo.truth["retention"]["came_back"].items():
        assert found[day][0] == pytest.approx(realised["seen"], rel=0.02, abs=1), day
        assert found[day][1] == pytest.approx(realised["came_back"], rel=0.02, abs=1), day


def test_what_goes_with_leaving_is_what_was_planted(demo: Demo) -> None:
    """Returns make half of their people leave, nothing else does.

    The truth knows what those who left would have bought; the mart compares them with others like them. Its difference
    may lie 3.29 of its own standard errors from the truth, as must that of causes without effect from zero.
    """
    rows = demo.rows(
        "select code, retention_difference, retention_difference_lower, retention_difference_upper, judged_people"
        " from rpt_priorities where retention_difference is not null"
    )
    found = {code: (float(mean), float(upper - lower) / 2 / 1.96, people) for code, mean, lower, upper, people in rows}
    truth = demo.truth["defection"]
    counts = truth["realised"]
    effect = (counts["came_back"] - counts["would_have_come_back"]) / counts["touched"]
    assert effect < 0
    difference, error, people = found["return"]
    assert difference == pytest.approx(effect, abs=3.29 * error)
    assert difference + 1.96 * error < 0
    assert people == pytest.approx(counts["touched"], rel=0.15)
    for code in ("complaint", "abandonment"):
        assert abs(found[code][0]) <= 3.29 * found[code][1], code
    assert demo.rows("select count(*)::int from rpt_priorities where owner is null") == [(0,)]


def test_who_stays_away_is_who_left(demo: Demo) -> None:
    """Shares within chance of the truth; those who sent something back stay away, nothing else counts."""
    found = {
        (trait, code): (customers, lapsed, difference, upper)
        for trait, code, customers, lapsed, difference, upper in demo.rows(
            "select trait, code, customers, lapsed, lapsed_difference, lapsed_difference_upper from rpt_defection"
        )
    }
    counts = demo.truth["defection"]["realised"]
    customers, lapsed, *_ = found["all", "all"]
    assert customers == pytest.approx(counts["customers"], rel=0.05)
    assert is_plausible(lapsed, customers, counts["lapsed"] / counts["customers"])
    *_, difference, upper = found["last_failure", "return"]
    assert 2 * difference - upper > 0  # the lower end of its interval
    # an open case and the channel of the last purchase make nobody leave
    for key in [key for key in found if key[0] in ("open_case", "channel") and found[key][2] is not None]:
        *_, difference, upper = found[key]
        assert abs(difference) <= (upper - difference) * Decimal(3.291 / 1.96), key
