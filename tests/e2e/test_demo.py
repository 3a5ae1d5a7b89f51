"""The demo as a user runs it: through Airflow, twice; and the marts give back what the generator planted.

The truth file was written by the generator, which shares no formula with the marts.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from support.identity_pairs import count_pairs
from support.plausible import is_plausible
from touchline import queries, warehouse
from touchline.server import EmbeddedServer
from touchline.settings import Settings
from touchline.vault import load_keys

ROOT = Path(__file__).resolve().parents[2]
# Half a year: whoever leaves shows only after lapse_days.
ARGUMENTS = ("demo", "--customers", "400", "--days", "180")


@dataclass
class Demo:
    settings: Settings
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    ledger: tuple[Any, ...]

    @property
    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.settings.landing_dir / "truth.json").read_text()))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return queries.read(self.settings, sql)[1]


def ledger_counts(settings: Settings) -> tuple[Any, ...]:
    tables = ("loads", "builds", "publications")
    counts = f"select {', '.join(f'(select count(*) from ops.{table})' for table in tables)}"
    with warehouse.engine(settings).connect() as connection:
        return tuple(connection.execute(text(counts)).one())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Both runs of the demo on an embedded server of its own."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(home=home, project_dir=ROOT)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHLINE_")}
    environment |= {"TOUCHLINE_HOME": str(home)}
    command = [str(Path(sys.executable).with_name("touchline")), *ARGUMENTS]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)

    try:
        first = run()
        assert first.returncode == 0, first.stdout + first.stderr
        counts = ledger_counts(settings)
        yield Demo(settings, first, run(), counts)
    finally:
        EmbeddedServer(home).stop()


def test_it_ends_in_a_readable_summary(demo: Demo) -> None:
    words = " ".join(demo.first.stdout.split())
    for expected in (
        "store_pos │ transactions",
        "not a timestamp",
        "Headline figures",
        "customers resolved",
        "Audit passed",
        "Build 1, publication 1 (published)",
        "Try next",
    ):
        assert expected in words
    assert (demo.settings.reports_dir / "index.html").is_file()
    assert str(demo.settings.reports_dir / "index.html") in demo.first.stdout


def test_progress_is_told_all_along(demo: Demo) -> None:
    lines = demo.first.stderr.splitlines()
    for dag in ("ingest_store_pos", "ingest_service_crm", "ingest_voice_center", "build_warehouse", "publish_reports"):
        assert any(dag in line and "success" in line for line in lines), demo.first.stderr


def test_a_second_run_adds_nothing_to_the_ledger(demo: Demo) -> None:
    assert demo.second.returncode == 0, demo.second.stdout + demo.second.stderr
    assert ledger_counts(demo.settings) == demo.ledger
    assert "publication 1 (unchanged" in " ".join(demo.second.stdout.split())


def test_every_record_is_accounted_for(demo: Demo) -> None:
    with warehouse.engine(demo.settings).connect() as connection:
        found = {
            row.file_name: (row.records, row.loaded)
            for row in connection.execute(text("select file_name, records, loaded from ops.loads"))
        }
    planted = {name: (file["records"], file["valid"]) for name, file in demo.truth["files"].items()}
    assert found == planted


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


def test_score_counts_by_channel_are_what_was_planted(demo: Demo) -> None:
    found = Counter(
        {
            (channel, int(score)): count
            for channel, score, count in demo.rows(
                "select service_channel, score, count(*) from fct_surveys"
                " where survey_type = 'csat' and score is not null group by 1, 2"
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


def test_accepted_recoveries_are_what_was_planted(demo: Demo) -> None:
    [(completed, accepted)] = demo.rows(
        "select count(*), count(*) filter (where outcome = 'accepted') from fct_recoveries"
        " where completed_at is not null"
    )
    realised = demo.truth["recovery"]["realised"].values()
    assert (completed, accepted) == (sum(r["completed"] for r in realised), sum(r["accepted"] for r in realised))


def test_complaints_are_handled_as_was_planted(demo: Demo) -> None:
    """An apology, where there is one, comes within half an hour of the reply and no fix sooner than that."""
    parts = ("complaints", "acknowledged", "fixed", "apologised_before_fix", "outcomes_known", "outcomes_accepted")
    sums = ", ".join(f"sum({part})::int" for part in parts)
    rows = demo.rows(f"select channel, {sums} from rpt_complaint_handling group by 1 having sum(complaints) > 0")
    found = {channel: dict(zip(parts, counts, strict=True)) for channel, *counts in rows}
    everywhere, truth = found.pop("all"), demo.truth["complaints"]
    assert found == truth["realised"]
    assert everywhere == {part: sum(counts[part] for counts in found.values()) for part in parts}
    assert is_plausible(everywhere["apologised_before_fix"], everywhere["fixed"], truth["planted"]["apology"])
    [(with_complaints, with_cases)] = demo.rows(
        "select max(channels_with_complaints)::int, max(channels_with_cases)::int from rpt_complaint_handling"
        " where channel = 'all'"
    )
    assert with_complaints == with_cases == len(found)


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


def test_promises_kept_are_what_was_planted(demo: Demo) -> None:
    """Promises due by the end of the exports: counts as realised, shares within chance of the planted ones."""
    end = demo.truth["arguments"]["end"]
    found = demo.rows(
        "select promise_type, count(*)::int, sum((promise_state = 'kept')::int)::int,"
        " sum((promise_state = 'late')::int)::int, sum((promise_state = 'open')::int)::int"
        f" from fct_promises where is_due and due_at <= '{end} 00:00Z' group by 1"
    )
    truth = demo.truth["promises"]
    states = ("due", "kept", "late", "overdue")
    assert {kind: dict(zip(states, counts, strict=True)) for kind, *counts in found} == truth["realised"]
    for kind, due, kept, *_ in found:
        assert is_plausible(kept, due, truth["planted"][kind]), kind
    [(reported, open_listed)] = demo.rows(
        "select (select sum(overdue)::int from rpt_promises where promise_type = 'all' and made_by = 'all'),"
        " (select count(*)::int from rpt_open_promises where is_overdue)"
    )
    assert reported == open_listed
    broken = "select count(*)::int from fct_failures where failure_kind = 'promise_broken'"
    assert demo.rows(broken) == demo.rows("select count(*)::int from fct_promises where not is_kept")


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


def test_journeys_lead_and_break_as_planted(demo: Demo) -> None:
    """Who is served after a purchase, and calls left unsolved: one in ten may lose its person to a split identity."""
    truth = demo.truth["journeys"]
    purchases, calls = truth["realised"]["purchases"], truth["realised"]["last_calls"]
    assert is_plausible(calls["unsolved"], calls["calls"], truth["planted"]["call_left_unsolved"])
    [(judged, went_on)] = demo.rows(
        "select sum(judged)::int, sum(went_on)::int from rpt_journeys where journey_stage = 'during'"
    )
    assert judged == pytest.approx(purchases["judged"], rel=0.1)
    assert is_plausible(went_on, judged, purchases["went_on"] / purchases["judged"])
    [(ended, broken)] = demo.rows(
        "select sum(episodes)::int, sum(broken)::int from rpt_journey_paths"
        " where aspect = 'last_touchpoint' and code = 'service_call'"
    )
    assert broken == pytest.approx(calls["broken"], rel=0.1, abs=2)
    assert is_plausible(broken, ended, calls["broken"] / ended)
    # Nobody asks before buying in this world: unobserved, not rare.
    before = "select bool_or(is_observed), sum(passing) from rpt_journeys where journey_stage = 'before'"
    assert demo.rows(before) == [(False, None)]


def test_what_is_done_after_a_case_is_what_was_planted(demo: Demo) -> None:
    """Codes, notes and preferences as planted; of next contacts one in ten may lose its person to a split identity."""
    truth = demo.truth["follow_up"]
    realised, following = truth["realised"], truth["next_contact"]
    totals = "from rpt_follow_up where channel = 'all' and issue_code = 'all'"
    [(closed, coded, noted, judged, refreshed)] = demo.rows(
        "select sum(closed)::int, sum(coded)::int, sum(noted)::int, sum(refresh_judged)::int, sum(refreshed)::int "
        + totals
    )
    # about one record in 500 is broken and missing
    assert closed == coded == pytest.approx(realised["closed"], abs=6)
    assert noted == pytest.approx(realised["noted"], abs=6)
    assert is_plausible(noted, closed, truth["planted"]["noted"])
    assert judged == pytest.approx(realised["judged"], abs=6)
    assert refreshed == pytest.approx(realised["refreshed"], abs=6)
    [(judged, came_again, viewed, calls, not_asked)] = demo.rows(
        "select sum(next_judged)::int, sum(next_contacts)::int, sum(viewed)::int, sum(asking_known)::int,"
        " sum(not_asked_again)::int " + totals
    )
    assert judged == pytest.approx(following["judged"], abs=6)
    assert came_again == pytest.approx(following["came_again"], rel=0.1)
    assert is_plausible(viewed, came_again, following["viewed"] / following["came_again"])
    assert is_plausible(not_asked, calls, 1 - following["asked_again"] / following["calls"])


def test_the_touchpoint_map_is_what_was_planted(demo: Demo) -> None:
    """Callers who gave up as realised, satisfaction within chance of the planted scores, breaks as in the journeys."""
    found = {
        code: (touches, failed, responses, satisfied, drop_offs)
        for code, touches, failed, responses, satisfied, drop_offs in demo.rows(
            "select touchpoint_code, sum(touches)::int, sum(failed)::int, sum(responses)::int, sum(satisfied)::int,"
            " sum(drop_offs)::int from rpt_touchpoint_map group by 1"
        )
    }
    gave_up = sum(counts["abandoned"] for counts in demo.truth["abandonment"]["realised"].values())
    assert found["abandoned_call"][:2] == (gave_up, gave_up)
    planted = demo.truth["surveys"]["planted"]
    for code, channel in (("store_purchase", "store"), ("web_purchase", "web")):
        _, _, responses, satisfied, _ = found[code]
        assert responses > 50
        assert is_plausible(satisfied, responses, sum(planted[channel][3:])), code
    breaks = demo.rows("select sum(broken)::int from rpt_journeys")
    assert [(sum(drop_offs for *_, drop_offs in found.values()),)] == breaks
    # only sending something back makes people leave in this world
    for code, difference, upper in demo.rows(
        "select code, lapsed_difference, lapsed_difference_upper from rpt_defection"
        " where trait = 'touchpoint' and lapsed_difference is not null"
    ):
        assert code == "return" or abs(difference) <= (upper - difference) * Decimal(3.291 / 1.96), code


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


def test_what_service_costs_and_leaves_is_what_was_planted(demo: Demo) -> None:
    """Sums to the cent as realised: every sale is known, and whoever bought it is in one segment."""
    truth = demo.truth["service_pnl"]["realised_cents"]
    counts, money = ("sales", "returns", "deliveries"), (
        "net_sales", "cost_of_goods", "refunds", "delivery_cost", "compensation",
    )  # fmt: skip
    sums = ", ".join(f"sum({name})" for name in (*counts, *money, "margin_after_service", "contact_cost"))
    for cut in ("= 'all'", "<> 'all'"):
        [found] = demo.rows(f"select {sums} from rpt_service_pnl where segment_code {cut}")
        *known, margin, contacts = found
        assert dict(zip((*counts, *money), known, strict=True)) == {
            **{name: truth[name] for name in counts},
            **{name: Decimal(truth[name]) / 100 for name in money},
        }
        net, *taken = known[len(counts) :]
        assert margin == net - sum(taken) - contacts
    # the same contacts, costed the same, as in the report on failure demand and those of unknown persons beside it
    handled = "select round(sum(contacts_cost), 2) from rpt_failure_demand where channel = 'all' and cause = 'all'"
    assert demo.rows(handled)[0][0] < contacts


def test_the_price_rise_that_no_till_took_over_shows(demo: Demo) -> None:
    """Dated and realised sums as in the truth; after the rise of 10 % customers pay 1 - 1/1.1 less than is asked."""
    truth = demo.truth["service_pnl"]
    cents = truth["realised_cents"]
    [found] = demo.rows(
        "select sum(realised_value), sum(dated_value) from rpt_delivered_value where segment_code = 'all'"
    )
    planted = [Decimal(cents[f"{part}_before"] + cents[f"{part}_after"]) / 100 for part in ("realised", "dated")]
    assert list(found) == planted
    rows = demo.rows(
        "select price_premium::float, (price_premium_upper - price_premium_lower)::float / 3.92"
        " from rpt_delivered_value where segment_code = 'all' order by period_month"
    )
    shares = {half: cents[f"realised_{half}"] / cents[f"dated_{half}"] for half in ("before", "after")}
    first, last = rows[1], rows[-1]
    assert abs(first[0] - (shares["before"] - 1)) <= 3.291 * first[1]
    assert abs(last[0] - (shares["after"] - 1)) <= 3.291 * last[1]
    rise = truth["planted"]["unheard_price_rise"]
    assert abs(last[0] - (shares["before"] / (1 + rise) - 1)) <= 3.291 * last[1]
    effort = "select count(*)::int from rpt_delivered_value where segment_code = 'all' and touches_mean > 0"
    assert demo.rows(effort) == [(len(rows),)]


def test_the_chain_holds_where_it_was_planted(demo: Demo) -> None:
    """Mood foretells the service of the month after: what was planted lies in the 99.9 % interval, and zero does not.

    Student's t of 7 degrees of freedom (8 stores): 2.365 at 95 %, 5.408 at 99.9 %. So few customers answer too few
    surveys in a store's month: links with satisfaction say so, and where there are enough show nothing, as planted.
    """
    rows = demo.rows(
        "select from_measure || '_to_' || to_measure, coefficient::float, coefficient_lower::float,"
        " coefficient_upper::float, units, observations, unestimated_because from rpt_service_profit_chain"
    )
    found = {link: figures for link, *figures in rows}
    truth = demo.truth["profit_chain"]
    mean, lower, upper, units, observations, _ = found["employee_to_quality"]
    # of six months the last is not over, and the first has none before it
    assert (units, observations) == (8, 8 * 4)
    reach = (upper - lower) / 2 / 2.365 * 5.408
    assert abs(mean - truth["planted"]["employee_to_quality"]) <= reach < mean
    for link in ("quality_to_satisfaction", "satisfaction_to_loyalty"):
        mean, lower, upper, _, _, reason = found[link]
        assert reason in ("too_few_units", "too_few_months") or lower <= 0 <= upper, link
    assert {link for link, figures in found.items() if figures[-1] is None} >= {
        "loyalty_to_revenue",
        "revenue_to_margin",
    }
    asked = "select count(*)::int from fct_surveys where survey_type = 'employee' and score is not null"
    assert demo.rows(asked) == [(truth["answers"],)]


def test_the_flywheel_turns_as_planted(demo: Demo) -> None:
    """One person in fifty may be two to the exports, or two people one; being bound changes nothing."""
    rows = demo.rows(
        "select first_quarter::text, customers::int, came_again::int, free::int, free_came_again::int, bound::int,"
        " bound_came_again::int, spend::float from rpt_customer_flywheel where is_window_closed"
    )
    truth = demo.truth["retention"]["first_quarters"]
    assert {row[0] for row in rows} == set(truth) != set()
    for quarter, customers, came_again, free, free_again, bound, bound_again, spend in rows:
        planted = truth[quarter]
        assert customers == pytest.approx(planted["customers"], rel=0.02, abs=1)
        assert came_again == pytest.approx(planted["came_back"], rel=0.02, abs=1)
        assert spend == pytest.approx(planted["cents"] / 100, rel=0.02)
        assert bound == pytest.approx(planted["bound"], rel=0.02, abs=1)
        assert bound_again == pytest.approx(planted["bound_came_back"], rel=0.02, abs=1)
        assert (free + bound, free_again + bound_again) == (customers, came_again)


def test_standards_are_kept_where_and_as_long_as_was_planted(demo: Demo) -> None:
    """Observed items by store: measurements, days judged and attained and the longest run as realised."""
    codes = {"greeting": "GREET", "name_used": "NAME", "farewell": "FAREWELL"}
    found = demo.rows(
        "select standard_code, unit_id, sum(n)::int, sum(total)::int, count(is_attained)::int,"
        " sum(is_attained::int)::int, max(run_days)::int from rpt_standards_continuity"
        " where unit_type = 'location' group by 1, 2"
    )
    names = ("measured", "kept", "days_judged", "days_attained", "longest_run")
    realised = demo.truth["standards"]["realised"]
    assert {(code, unit): dict(zip(names, counts, strict=True)) for code, unit, *counts in found} == {
        (codes[item], f"store_pos/{store}"): counts
        for item, stores in realised.items()
        for store, counts in stores.items()
    }
    reported = demo.rows(
        "select standard_code, unit_id, measurements::int, days_judged::int, days_attained::int"
        " from rpt_standard_attainment where period = 'all' and unit_type = 'location'"
    )
    assert set(reported) == {(code, unit, n, judged, kept) for code, unit, n, _, judged, kept, _ in found}
    # No figure of the warehouse measures these two: they are in the register and have no share.
    unmeasured = demo.rows(
        "select standard_code, attainment, days_judged from rpt_standard_attainment"
        " where unjudged_because = 'metric_unknown' order by standard_code"
    )
    assert unmeasured == [("REPLY", None, 0), ("SOLVE", None, 0)]


def test_each_store_stands_on_the_rung_that_was_planted(demo: Demo) -> None:
    """In every month: a store that lives by a standard misses more than one day in ten once in a million months."""
    found = demo.rows(
        "select unit_id, service_level, count(*)::int from rpt_service_levels"
        " where touchpoint_code = 'store_purchase' group by 1, 2"
    )
    planted = demo.truth["standards"]["planted"]["level"]
    assert {unit: level for unit, level, _ in found} == {
        f"store_pos/{store}": level for store, level in planted.items()
    }
    assert len(found) == len(planted)
    # A standard that nothing measures leaves the rung unknown; it does not make it none.
    complaints = "select distinct service_level from rpt_service_levels where touchpoint_code = 'complaint'"
    assert demo.rows(complaints) == [(None,)]


def test_expectations_and_perceptions_are_what_was_planted(demo: Demo) -> None:
    """Sums by dimension as realised; the planted gap of each dimension within chance; promises beaten as realised."""
    truth = demo.truth["expectations"]
    found = demo.rows(
        "select dimension, sum(judged)::int, sum(judged * expectation_mean)::float,"
        " sum(judged * perception_mean)::float from rpt_expectations"
        " where basis = 'survey' and period = 'all' and item_code <> 'all' group by 1"
    )
    assert {dimension for dimension, *_ in found} == set(truth["realised"])
    for dimension, answers, expected, perceived in found:
        realised = truth["realised"][dimension]
        assert answers == realised["answers"]
        # means have four decimals
        assert (expected, perceived) == pytest.approx((realised["expectation"], realised["perception"]), abs=0.02)
    early = "select promise_type, count(*)::int from fct_promises where is_kept and lateness_seconds <= -86400"
    end = demo.truth["arguments"]["end"]
    in_time = dict(demo.rows(f"{early} and due_at <= '{end} 00:00Z' group by 1"))
    assert in_time == {kind: count for kind, count in demo.truth["promises"]["a_day_early"].items() if count}
    reported = (
        "select item_code, above::int from rpt_expectations where basis = 'promise' and period = 'all' and above > 0"
    )
    assert dict(demo.rows(reported)) == dict(demo.rows(f"{early} group by 1"))


def test_the_gaps_are_those_that_were_planted(demo: Demo) -> None:
    """Each gap within three standard errors of the planted one; managers believe what was planted."""
    planted = demo.truth["expectations"]["planted"]
    found = demo.rows(
        "select dimension, customer_gap::float, (customer_gap_upper - customer_gap_lower)::float / 3.92,"
        " management_expectation::float, expectations_recorded::int, covered_share::float from rpt_service_gaps"
    )
    gaps = {dimension: values for dimension, *values in found}
    for dimension, plan in planted.items():
        gap, error, believed, recorded, covered = gaps[dimension]
        assert abs(gap - (plan["perceived"] - plan["expected"])) <= 3.291 * error
        # three segments; standards are written for all segments, and none for tangibles
        assert (believed, recorded, covered) == (plan["believed"], 3, 0 if dimension == "tangibles" else 1)
    [(weighted, error)] = demo.rows(
        "select weighted_gap::float, (weighted_gap_upper - weighted_gap_lower)::float / 3.92"
        " from rpt_service_gaps where dimension = 'all'"
    )
    assert abs(weighted + 0.387) <= 3.291 * error


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


def test_only_those_who_differ_are_told_apart(demo: Demo) -> None:
    """Three agents write for 150 s longer after each call, nobody differs in anything else.

    The mean of all holds the slow ones, so theirs is held against that of the others; a call handed over bears the time
    of both its agents, whoever they are.
    """
    truth = demo.truth["employees"]
    slow = {f"E-CC-{agent:02d}" for agent in truth["planted"]["slow_agents"]}
    found = demo.rows(
        "select employee_id, n::int, (adjusted - brand_value)::float, (adjusted_upper - adjusted)::float / 1.96,"
        " standing from rpt_employee_scorecards where period = 'all' and measure = 'handle_seconds'"
    )
    assert {employee for employee, *_ in found} == set(truth["realised"])
    assert {standing for employee, *_, standing in found if employee in slow} == {"above"}

    def is_rare(count: int, of: int, probability: float) -> bool:
        return count <= of * probability or is_plausible(count, of, probability)

    def pooled(rows: list[tuple[Any, ...]]) -> tuple[float, float]:
        n = sum(row[1] for row in rows)
        return sum(row[1] * row[2] for row in rows) / n, sum((row[1] * row[3]) ** 2 for row in rows) / n**2

    (theirs, error), (rest, other_error) = (
        pooled([row for row in found if (row[0] in slow) == is_slow]) for is_slow in (True, False)
    )
    assert abs(theirs - rest - truth["planted"]["seconds"]) <= 3.291 * (error + other_error) ** 0.5
    assert is_rare(sum(row[-1] == "above" for row in found if row[0] not in slow), len(found) - len(slow), 0.025)
    for measure in ("no_return", "satisfied", "remembered_well", "complaint", "standard_kept"):
        [(judged, apart)] = demo.rows(
            "select count(standing)::int, count(*) filter (where standing <> 'overlaps')::int"
            f" from rpt_employee_scorecards where period = 'all' and measure = '{measure}'"
        )
        assert judged > 10
        assert is_rare(apart, judged, 0.05), measure
    watched = "select sum(n)::int, sum(total)::int from rpt_employee_scorecards"
    looks = [counts for stores in demo.truth["standards"]["realised"].values() for counts in stores.values()]
    assert demo.rows(f"{watched} where measure = 'standard_kept' and period = 'all'") == [
        (sum(counts["measured"] for counts in looks), sum(counts["kept"] for counts in looks))
    ]


def test_what_the_first_employee_puts_right_is_what_was_planted(demo: Demo) -> None:
    """Counts as realised; an approval takes the time to ask for it, half an hour on average, within chance."""
    truth = demo.truth["recovery"]
    [(completed, known, first, delay, upper)] = demo.rows(
        "select completed::int, closers_known::int, closed_by_first::int, approval_hours::float,"
        " approval_hours_upper::float from rpt_empowerment where period = 'all' and failure_type = 'all'"
    )
    realised = truth["realised"]
    assert completed == known == sum(counts["completed"] for counts in realised.values())
    assert first == realised["first_employee"]["completed"]
    assert is_plausible(first, completed, truth["planted_first_share"])
    assert abs(delay - truth["planted_approval_seconds"] / 3600) <= 3.291 * (upper - delay) / 1.96
    spent = "select sum(spent) from rpt_empowerment where period = 'all' and failure_type = 'all'"
    alone = "select sum(compensation_amount) from fct_recoveries where decided_at is not null and not needed_approval"
    assert demo.rows(spent) == demo.rows(alone)


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


def test_people_are_resolved_pair_by_pair(demo: Demo) -> None:
    """Pairwise precision and recall over the keys of the truth's partition."""
    with warehouse.engine(demo.settings).connect() as connection:
        members = connection.execute(text("select node, customer_id from identity.members")).all()
    keys = load_keys(demo.settings.secrets_dir)
    pairs = count_pairs(demo.truth["identity"], dict(map(tuple, members)), keys.token_key)
    assert pairs.precision >= 0.999
    assert pairs.recall >= 0.98
