"""The demo gives back what was planted of complaints, recoveries and promises."""

from support.demo import Demo
from support.plausible import is_plausible


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
