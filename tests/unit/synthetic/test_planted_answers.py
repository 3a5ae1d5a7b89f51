"""Answers to cases by channel: counted from the files alone, as planted."""

from collections import Counter
from typing import Any

from support.plausible import is_plausible


def test_answers_are_those_of_the_truth(world: Any) -> None:
    newest: dict[str, dict[str, str]] = {}
    for row in sorted(world.rows("service_crm", "cases"), key=lambda row: row["source_updated_at"]):
        newest[row["case_id"]] = row
    found = Counter(
        (row["issue_type"], row["origin_channel"], row["resolution_code"])
        for row in newest.values()
        if row["closed_at"]
    )
    truth = {
        (issue, channel, code): cases
        for issue, channels in world.truth["answers"]["realised"].items()
        for channel, codes in channels.items()
        for code, cases in codes.items()
    }
    assert found == truth


def test_one_channel_answers_one_issue_otherwise(world: Any) -> None:
    truth = world.truth["answers"]
    for issue, channels in truth["realised"].items():
        for channel, codes in channels.items():
            planted = truth["otherwise"].get(issue, {}).get(channel, truth["planted"])
            assert all(is_plausible(n, sum(codes.values()), planted[code]) for code, n in codes.items())
