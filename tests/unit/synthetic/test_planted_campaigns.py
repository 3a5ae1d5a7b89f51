"""Campaigns: messages and refusals as planted, counted from the files alone."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from support.plausible import is_plausible


def test_refusals_follow_the_number_of_messages(world: Any) -> None:
    """Months by number of messages; the last message of who refused lies in the month before the refusal."""
    truth = world.truth["contact_pressure"]
    months: dict[str, Counter[str]] = defaultdict(Counter)
    for row in world.rows("service_crm", "campaign_touches"):
        months[row["contact_id"]][row["touched_at"][:7]] += 1
    found = Counter(str(count) for own in months.values() for count in own.values())
    refused: Counter[str] = Counter()
    for row in world.rows("service_crm", "contacts"):
        own = months.get(row["contact_id"])
        if own and row["consent_marketing"] == "false" and row["source_updated_at"] > row["created_at"]:
            last = max(own)
            written = datetime.fromisoformat(row["source_updated_at"])
            assert (written.year, written.month) == (int(last[:4]), int(last[5:]) + 1)
            refused[str(own[last])] += 1
    for level, share in truth["planted"].items():
        realised = truth["realised"][level]
        # about one record in 500 is broken and missing here
        assert abs(found[level] - realised["months"]) <= 0.02 * realised["months"] + 8
        assert abs(refused[level] - realised["refused"]) <= 2
        assert is_plausible(realised["refused"], realised["months"], share)
    shares = [counts["refused"] / counts["months"] for _, counts in sorted(truth["realised"].items(), key=_level)]
    assert shares == sorted(shares)


def _level(item: tuple[str, Any]) -> int:
    return int(item[0])
