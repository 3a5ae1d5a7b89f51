"""Referrals: made by contacts, and turned into first purchases as planted, counted from the files alone."""

from datetime import datetime, timedelta
from typing import Any

from support.plausible import is_plausible


def test_referrals_bring_customers_as_counted(world: Any) -> None:
    truth = world.truth["referrals"]
    bought = {
        row["transaction_id"]: datetime.fromisoformat(row["closed_at"])
        for row in world.rows("store_pos", "transactions")
    }
    end = datetime.fromisoformat(world.truth["arguments"]["end"] + "T00:00:00+00:00")
    span = timedelta(days=truth["planted"]["days"])
    made = judged = converted = 0
    for row in world.rows("service_crm", "referrals"):
        at = datetime.fromisoformat(row["referred_at"])
        made += 1
        if at + span <= end:
            judged += 1
            came = bought.get(row["converted_transaction_id"])
            converted += came is not None and at <= came <= at + span
    assert {"made": made, "judged": judged, "converted": converted} == truth["realised"]
    assert is_plausible(converted, judged, truth["planted"]["converted"])


def test_whoever_recommends_is_a_contact(world: Any) -> None:
    contacts = {row["contact_id"] for row in world.rows("service_crm", "contacts")}
    assert {row["referrer_contact_id"] for row in world.rows("service_crm", "referrals")} <= contacts
