"""The demo gives back what was planted in the contact centre."""

from collections import Counter

import pytest

from support.demo import Demo
from support.plausible import is_plausible


def test_abandonment_by_queue_is_what_was_planted(demo: Demo) -> None:
    found = demo.rows(
        "select queue_id, sum(offered)::int, sum(abandoned_in_queue)::int from rpt_contact_center_intervals group by 1"
    )
    realised = demo.truth["abandonment"]["realised"]
    assert {queue: (offered, abandoned) for queue, offered, abandoned in found} == {
        queue: (counts["offered"], counts["abandoned"]) for queue, counts in realised.items()
    }


def test_talk_hold_and_wrap_up_seconds_are_what_was_planted(demo: Demo) -> None:
    [found] = demo.rows(
        "select sum(interaction_seconds)::bigint, sum(hold_seconds)::bigint, sum(after_contact_work_seconds)::bigint"
        " from fct_calls where direction = 'inbound' or direction = 'outbound'"
    )
    calls = demo.truth["calls"]
    assert found == (calls["interaction_seconds"], calls["hold_seconds"], calls["after_contact_work_seconds"])


def test_solved_at_first_contact_recovers_what_was_planted(demo: Demo) -> None:
    """The marts know people only as far as their identifiers connect them; the truth knows them all.

    About one person in ten is split by the exports; counts may differ by that much at the very most, and the rates
    of return by three standard errors of the planted share.
    """
    found = demo.rows(
        "select issue_code, sum(closed_windows)::int, sum(closed_windows - without_return)::int"
        " from rpt_first_contact_resolution where channel = 'all' and issue_code <> 'all' group by 1"
    )
    truth = demo.truth["repeat_contacts"]
    assert {issue for issue, *_ in found} == set(truth["planted"])
    for issue, closed, returned in found:
        realised = truth["realised"][issue]
        share = realised["returned_within_7_days"] / realised["first_contacts"]
        assert closed == pytest.approx(realised["first_contacts"], rel=0.1)
        assert returned / closed == pytest.approx(share, abs=3 * (share * (1 - share) / closed) ** 0.5)


def test_what_waiting_callers_were_told_is_what_was_planted(demo: Demo) -> None:
    """Quotes and callbacks as realised; that being told changes nothing was planted, so the interval holds 0."""
    [found] = demo.rows(
        "select sum(quotes_judged)::int, sum(quotes_kept)::int, sum(callbacks_due)::int, sum(callbacks_kept)::int,"
        " sum(told_waiting)::int, sum(told_abandoned)::int, sum(untold_waiting)::int, sum(untold_abandoned)::int"
        " from rpt_waiting where queue_id = 'all'"
    )
    judged, kept, due, reached, *groups = found
    truth = demo.truth["waiting"]
    assert {"answered": judged, "kept": kept} == truth["quotes"]
    assert {"due": due, "kept": reached} == truth["callbacks"]
    assert is_plausible(kept, judged, truth["planted"]["quote_kept"])
    told, told_gone, untold, untold_gone = groups
    pooled = (told_gone + untold_gone) / (told + untold)
    spread = (pooled * (1 - pooled) * (1 / told + 1 / untold)) ** 0.5
    assert abs(told_gone / told - untold_gone / untold) <= 3.291 * spread


def test_who_was_there_and_how_busy_is_what_was_planted(demo: Demo) -> None:
    """Over a time T the variance of the share p of one of two exponential states is 2 p² (1-p)² turn ÷ T."""
    parts = ("handling", "idle", "away", "rostered", "missing")
    [found] = demo.rows(f"select {', '.join(f'sum({part}_seconds)::int' for part in parts)} from rpt_agent_intervals")
    truth = demo.truth["staffing"]
    assert dict(zip(parts, found, strict=True)) == truth["seconds"]
    by_hour = "select to_char(interval_start_at at time zone 'UTC', 'HH24'), sum(present_seconds)::int"
    assert (
        dict(demo.rows(f"{by_hour} from rpt_demand_and_staffing where present_seconds > 0 group by 1"))
        == (truth["present_by_hour"])
    )
    planted, ready = truth["planted"], found[0] + found[1]
    share = planted["occupancy"]
    error = (2 * share**2 * (1 - share) ** 2 * planted["turn_seconds"] / ready) ** 0.5
    assert abs(found[0] / ready - share) <= 3.291 * error
    shift = truth["seconds"]["rostered"] // truth["shifts"]
    assert is_plausible(found[4] // shift, truth["shifts"], planted["shifts_missed"])


def test_demand_beside_the_staff_is_all_the_demand(demo: Demo) -> None:
    realised = demo.truth["abandonment"]["realised"].values()
    [found] = demo.rows("select sum(offered)::int, sum(abandoned_in_queue)::int from rpt_demand_and_staffing")
    assert found == (sum(queue["offered"] for queue in realised), sum(queue["abandoned"] for queue in realised))


def test_what_made_customers_call_is_what_was_planted(demo: Demo) -> None:
    """One contact in ten may lose what came before it to a person the exports split; a complaint shows by itself."""
    found = {
        cause: (contacts, caused)
        for cause, contacts, caused in demo.rows(
            "select cause, sum(contacts)::int, sum(failure_contacts)::int from rpt_failure_demand"
            " where channel = 'all' group by 1"
        )
    }
    truth = demo.truth["failure_demand"]
    realised = truth["realised"]
    assert found["complaint"][1] == realised["complaint"]
    for cause in ("broken_promise", "chase", "repeat"):
        assert found[cause][1] == pytest.approx(realised[cause], rel=0.1, abs=2), cause
    everything = sum(realised.values()) + truth["abandoned_by_known"]
    assert found["all"][0] == pytest.approx(everything, rel=0.02)
    cases = next(file["distinct"] for file in demo.truth["files"].values() if file["entity"] == "cases")
    assert is_plausible(realised["complaint"], cases, truth["planted"]["complaint_of_case"])


def test_coverage_is_what_was_planted(demo: Demo) -> None:
    """Calls in open hours to the call; of self-service contained, a split or joined identity may hide a contact."""
    truth = demo.truth["coverage"]
    [(known, in_hours)] = demo.rows(
        "select hours_known::int, in_hours::int from rpt_channel_coverage"
        " where period = 'all' and channel = 'phone' and hour_of_week = 'all'"
    )
    assert (known, in_hours) == (truth["demand"]["calls"], truth["demand"]["in_hours"])
    by_hour = "select sum(in_hours)::int from rpt_channel_coverage where channel = 'phone' and hour_of_week <> 'all'"
    assert demo.rows(by_hour) == [(in_hours,)]
    # nobody is open on Sundays, nor at noon but for Saturdays
    closed = "hour_of_week like '7-%' or (hour_of_week like '%-12' and hour_of_week <> '6-12')"
    assert demo.rows(f"select sum(in_hours)::int from rpt_channel_coverage where channel = 'phone' and ({closed})") == [
        (0,)
    ]
    rows = demo.rows(
        "select judged::int, unattended::int, contained::int from rpt_channel_coverage"
        " where period = 'all' and channel in ('web', 'app') and hour_of_week = 'all'"
    )
    judged, unattended, contained = (sum(column) for column in zip(*rows, strict=True))
    realised = truth["self_service"]
    assert judged == unattended == pytest.approx(realised["judged"], rel=0.02)
    assert contained / judged == pytest.approx(realised["contained"] / realised["judged"], abs=0.03)
    phone = "select unattended::int from rpt_channel_coverage where period = 'all' and channel = 'phone'"
    assert demo.rows(phone + " and hour_of_week = 'all'") == [(0,)]


def test_what_places_were_asked_while_closed_is_what_was_planted(demo: Demo) -> None:
    """To the case and the sale, place by place; of the last store no hours are known."""
    parts = ("contacts", "hours_known", "in_hours", "on_holidays", "door_contacts", "door_hours_known")
    found = demo.rows(
        f"select location_id, {', '.join(f'{part}::int' for part in parts)}, door_out_of_hours::int"
        " from rpt_location_coverage inner join dim_locations using (location_key)"
        " where period = 'all' and hour_of_week = 'all'"
    )
    planted = demo.truth["coverage"]["places"]
    assert len(found) == len(planted) == 10
    for place, *counts in found:
        truth: Counter[str] = Counter(planted[place])
        cases, sales = (truth["contacts"], truth["contacts_unknown"]), (truth["door"], truth["door_unknown"])
        assert counts == [
            cases[0],
            cases[0] - cases[1],
            truth["contacts_open"],
            truth["contacts_on_holidays"],
            sales[0],
            sales[0] - sales[1],
            truth["door_closed"] + truth["door_on_holidays"],
        ], place
    assert planted["S08"]["contacts_unknown"] == planted["S08"]["contacts"] > 0
    # In Berlin people ask between 15:00 and midnight in summer: open until 18 and from 20 to 22 is 5 hours of 9.
    [(known, in_hours)] = demo.rows(
        "select sum(hours_known)::int, sum(in_hours)::int from rpt_location_coverage"
        " inner join dim_locations using (location_key) where location_id = 'S07' and period in ('2026-05', '2026-06')"
    )
    assert is_plausible(in_hours, known, 5 / 9)


def test_a_resolved_matter_takes_what_was_planted(demo: Demo) -> None:
    """Matters without an order: counts as far as persons are known, means within a tenth of what calls and mails took.

    Of mails and chats nobody records the time: the seed labour_rates assumes 12 and 15 minutes.
    """
    [(resolved, returned, contacts, seconds, own_contacts, own_seconds)] = demo.rows(
        "select sum(resolved)::int, sum(returned)::int, sum(all_contacts)::int, sum(all_labour_seconds)::float,"
        " sum(resolved_contacts)::int, sum(resolved_labour_seconds)::float"
        " from rpt_efficiency where issue_code in ('billing', 'account')"
    )
    truth = demo.truth["efficiency"]["realised"]
    assert resolved == pytest.approx(truth["resolved"], rel=0.1)
    assert is_plausible(returned, resolved + returned, truth["returned"] / (truth["resolved"] + truth["returned"]))
    assert contacts / resolved == pytest.approx(truth["contacts"] / truth["resolved"], rel=0.1)
    work = truth["seconds"] + 720 * truth["email"] + 900 * truth["chat"]
    assert seconds / resolved == pytest.approx(work / truth["resolved"], rel=0.1)
    own = truth["resolved_seconds"] + 720 * truth["resolved_email"] + 900 * truth["resolved_chat"]
    assert own_seconds / resolved == pytest.approx(own / truth["resolved"], rel=0.1)
    assert own_contacts == pytest.approx(resolved, rel=0.02)
