"""The demo gives back what customers need, refuse and take part in, as it was planted."""

import pytest

from support.demo import Demo
from support.plausible import is_plausible


def test_the_next_need_is_what_was_planted(demo: Demo) -> None:
    """The marts know about nine people in ten whole: counts within a tenth, shares within 99.9 % of the realised ones.

    The interval of the mart counts persons and is of 95 %: 3.291 ÷ 1.96 times as wide, it is of 99.9 %.
    """
    truth = demo.truth["next_need"]
    planted, realised = truth["planted"], truth["realised"]
    rules = (
        "select occasions::int, occasions_with_antecedent::int, confidence::float, consequent_support::float,"
        f" (confidence_upper - confidence_lower)::float / 3.92 from rpt_next_need"
        f" where horizon_days = {planted['days']}"
    )
    [(occasions, after, confidence, usual, error)] = demo.rows(
        f"{rules} and antecedent = '{planted['after']}' and consequent = '{planted['need']}'"
    )
    assert occasions == pytest.approx(realised["occasions"], rel=0.1)
    assert after == pytest.approx(realised["after"], rel=0.1)
    share = realised["both"] / realised["after"]
    assert abs(confidence - share) <= 3.291 * error
    assert abs(usual - realised["followed"] / realised["occasions"]) <= 3.291 * error
    # what was planted cannot be put down to chance: without it, the share would lie outside
    assert confidence - realised["both_unplanted"] / realised["after"] > 3.291 * error
    lifts = f"select antecedent from rpt_next_need where horizon_days = {planted['days']} and consequent = '{{}}'"
    assert demo.rows(f"{lifts.format(planted['need'])} order by lift desc limit 1") == [(planted["after"],)]


def test_a_customers_next_needs_follow_from_what_they_bought(demo: Demo) -> None:
    """Nobody expects what they have bought since, or after the horizon; each need is told by a rule that exists."""
    [(needs, wrong, met)] = demo.rows(
        "select count(*)::int, count(*) filter (where rules.antecedent is null or needs.expected_until <= needs.as_of),"
        " count(*) filter (where exists (select 1 from fct_transaction_lines as lines"
        " inner join dim_products as products using (product_key) inner join fct_transactions as sales"
        " using (transaction_key) where lines.customer_id = needs.customer_id and products.category = needs.category"
        " and lines.quantity > 0 and sales.status = 'completed' and not sales.is_return"
        " and lines.business_date > (needs.after_bought_at at time zone 'America/New_York')::date + 1"
        " and lines.closed_at <= needs.as_of))"
        " from rpt_customer_next_needs as needs left join rpt_next_need as rules on rules.brand = needs.brand"
        " and rules.antecedent = needs.after_category and rules.consequent = needs.category"
        " and rules.horizon_days = needs.horizon_days and rules.confidence = needs.confidence"
    )
    assert needs > 100
    assert (wrong, met) == (0, 0)


def test_refusals_by_pressure_are_what_was_planted(demo: Demo) -> None:
    """Messages a month: 1, 3, 5 or 8, in the bands 1, 2-3, 4-6 and 7+; a call by the company may lift it by one."""
    truth = demo.truth["contact_pressure"]
    found = {
        band: (could, refused)
        for band, could, refused in demo.rows(
            "select pressure_band, could_opt_out::int, opted_out::int from rpt_contact_pressure where period = 'all'"
        )
    }
    bands = dict(zip(truth["planted"], ("1", "2-3", "4-6", "7+"), strict=True))
    for level, share in truth["planted"].items():
        could, refused = found[bands[level]]
        assert is_plausible(refused, could, share), level
    # two accounts of one person are one customer, and about one record in 500 is broken
    months = sum(counts["months"] for counts in truth["realised"].values())
    refusals = sum(counts["refused"] for counts in truth["realised"].values())
    assert found["all"][0] == pytest.approx(months, rel=0.05)
    assert found["all"][1] == pytest.approx(refusals, rel=0.1)
    sent = "select sum(campaign_touches)::int from rpt_contact_pressure where period = 'all' and pressure_band = 'all'"
    planted = sum(int(level) * counts["months"] for level, counts in truth["realised"].items())
    assert demo.rows(sent)[0][0] == pytest.approx(planted, rel=0.05)


def test_who_takes_part_is_what_was_planted(demo: Demo) -> None:
    """Suggestions as realised, but for a broken record or two; surveys and silence by SQL on the facts."""
    truth = demo.truth["participation"]
    [(made, judged, adopted, asked, answered, silent)] = demo.rows(
        "select suggestions::int, suggestions_judged::int, suggestions_adopted::int, surveys_asked::int,"
        " surveys_answered::int, customers_silent::int from rpt_participation where segment_code = 'all'"
    )
    realised = truth["realised"]
    assert (made, judged, adopted) == pytest.approx(
        (realised["made"], realised["judged"], realised["adopted"]), abs=max(3, 0.01 * realised["made"])
    )
    assert is_plausible(adopted, judged, truth["planted"]["adopted"])
    by_customer = (
        "select count(*) as asked, count(responded_at) as answered from fct_surveys where customer_id is not null"
        " group by customer_id"
    )
    sums = f"select sum(asked)::int, sum(answered)::int, count(*) filter (where answered = 0)::int from ({by_customer})"
    assert demo.rows(f"{sums} as customers") == [(asked, answered, silent)]
    [(rated, demanding)] = demo.rows(
        "select customers_rated::int, customers_demanding::int from rpt_participation where segment_code = 'all'"
    )
    assert 0 < demanding <= rated / 10 + 1


def test_known_preferences_are_used_as_often_as_planted(demo: Demo) -> None:
    """The marts know about nine people in ten whole; uses were drawn contact by contact."""
    truth = demo.truth["preferences"]
    found = {
        code: (contacts, used)
        for code, contacts, used in demo.rows(
            "select preference_code, contacts::int, contacts_used::int from rpt_preferences where origin = 'all'"
        )
    }
    assert set(found) == (set(truth["realised"]) - {"any"}) | {"all"}
    for code, realised in truth["realised"].items():
        contacts, used = found["all" if code == "any" else code]
        assert contacts == pytest.approx(realised["contacts"], rel=0.1)
        assert is_plausible(used, contacts, realised["used"] / realised["contacts"]), code
        assert code == "any" or is_plausible(used, contacts, truth["planted"]["used"]), code


def test_the_customers_page_holds_what_the_lists_hold(demo: Demo) -> None:
    """Promises, preferences, value and risk of all customers together, by SQL on where each of them comes from."""
    [page] = demo.rows(
        "select sum(open_promises)::int, sum(overdue_promises)::int, sum(preferences)::int, sum(expected_spend),"
        " sum(1 - risk_of_having_left) from rpt_customer_360"
    )
    promises = "select count(customer_id), count(customer_id) filter (where is_overdue) from rpt_open_promises"
    known = "select preferences from rpt_preferences where preference_code = 'all' and origin = 'all'"
    value = "select sum(expected_spend), sum(probability_alive) from rpt_customer_value"
    assert page == (*demo.rows(promises)[0], *demo.rows(known)[0], *demo.rows(value)[0])
    used = "select count(*) from rpt_customer_360 where preferences_known like '%used in % of % contacts)'"
    assert demo.rows(used) == demo.rows("select count(*) from rpt_customer_360 where preferences > 0")
    ended = "select max(length(recent_episodes) - length(replace(recent_episodes, ',', ''))) from rpt_customer_360"
    assert demo.rows(ended) == [(2,)]
