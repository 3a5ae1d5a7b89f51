"""Reviews: written, rated and answered as planted, counted from the files alone."""

from datetime import datetime, timedelta
from typing import Any

from support.plausible import is_plausible


def test_reviews_are_written_and_rated_as_planted(world: Any) -> None:
    planted, realised = (world.truth["reviews"][part] for part in ("planted", "realised"))
    for experience, counts in realised["matters"].items():
        assert counts["judged"] > 300
        assert is_plausible(counts["reviewed"], counts["judged"], planted["reviewed"][experience])
    rows = world.rows("service_crm", "reviews")
    # about one record in 500 is broken, added to those that are counted
    assert len(rows) == realised["posted"] == sum(realised["stars"])
    assert [sum(int(row["rating"]) == stars for row in rows) for stars in range(1, 6)] == realised["stars"]
    assert sum(bool(row["body"]) for row in rows) == realised["comments"]
    assert is_plausible(realised["comments"], realised["posted"], planted["comment"])
    assert sum(row["has_media"] == "true" for row in rows) == realised["media"]
    assert is_plausible(realised["media"], realised["posted"], planted["media"])
    assert sum(bool(row["contact_id"]) for row in rows) == realised["known"]
    assert is_plausible(realised["known"], realised["posted"], planted["known"])


def test_bad_experiences_are_rated_worse(world: Any) -> None:
    """The ratings are a mixture of both experiences, in the proportion in which they wrote."""
    planted, realised = (world.truth["reviews"][part] for part in ("planted", "realised"))
    written = {experience: counts["reviewed"] for experience, counts in realised["matters"].items()}
    for stars, count in enumerate(realised["stars"]):
        share = sum(written[name] * planted["stars"][name][stars] for name in written) / sum(written.values())
        assert is_plausible(count, realised["posted"], share)


def test_negative_reviews_are_answered_as_often_and_as_fast_as_planted(world: Any) -> None:
    planted, realised = (world.truth["reviews"][part] for part in ("planted", "realised"))
    end = datetime.fromisoformat(world.truth["arguments"]["end"] + "T00:00:00+00:00")
    negative = [row for row in world.rows("service_crm", "reviews") if int(row["rating"]) <= 2]
    judged = [row for row in negative if datetime.fromisoformat(row["posted_at"]) + timedelta(hours=48) <= end]
    waits = [
        datetime.fromisoformat(row["responded_at"]) - datetime.fromisoformat(row["posted_at"])
        for row in judged
        if row["responded_at"]
    ]
    assert (len(negative), len(judged)) == (realised["negative"], realised["negative_judged"])
    assert len(waits) == realised["negative_answered"]
    assert sum(waits, timedelta()).total_seconds() == realised["answer_seconds"]
    assert is_plausible(len(waits), len(judged), planted["answered"]["negative"])
    # uniform over 47 hours: a standard deviation of 47 / √12 hours
    mean = realised["answer_seconds"] / len(waits)
    assert abs(mean - planted["answer_seconds"]) <= 3.291 * (47 * 3600 / 12**0.5) / len(waits) ** 0.5


def test_closing_messages_are_sent_as_often_as_planted(world: Any) -> None:
    """A case that was reopened has had two chances."""
    truth = world.truth["closing_messages"]
    closed = {row["case_id"] for row in world.rows("service_crm", "cases") if row["closed_at"]}
    events = [row for row in world.rows("service_crm", "case_events") if row["case_id"] in closed]
    sent = {row["case_id"] for row in events if row["event_type"] == "closing_message"}
    reopened = {row["case_id"] for row in events if row["event_type"] == "reopen"}
    assert (len(closed), len(sent)) == (truth["realised"]["closed"], truth["realised"]["sent"])
    assert is_plausible(len(sent - reopened), len(closed - reopened), truth["planted"])


def test_reviews_of_known_contacts_after_matters_of_long_ago(world: Any) -> None:
    """Posted within three days of a matter, those of the last thirty days but three are not over, older ones are."""
    realised = world.truth["reviews"]["realised"]
    end = datetime.fromisoformat(world.truth["arguments"]["end"] + "T00:00:00+00:00")
    known = [row for row in world.rows("service_crm", "reviews") if row["contact_id"]]
    ages = [end - datetime.fromisoformat(row["posted_at"]) for row in known]
    surely = sum(age >= timedelta(days=30) for age in ages)
    perhaps = sum(age >= timedelta(days=27) for age in ages)
    assert surely <= realised["known_over"] <= perhaps < len(known)
