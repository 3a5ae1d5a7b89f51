"""Records: unique keys but for planted duplicates, references that resolve, sums that agree, valid phones."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import phonenumbers
import pytest

KEYS = {
    ("store_pos", "locations"): ["location_id"],
    ("store_pos", "transactions"): ["transaction_id"],
    ("store_pos", "transaction_lines"): ["transaction_id", "line_no"],
    ("service_crm", "contacts"): ["contact_id"],
    ("service_crm", "cases"): ["case_id"],
    ("service_crm", "case_events"): ["event_id"],
    ("service_crm", "survey_responses"): ["response_id"],
    ("service_crm", "recoveries"): ["recovery_id"],
    ("service_crm", "contact_merges"): ["surviving_id", "merged_id"],
    ("service_crm", "segment_memberships"): ["contact_id", "segment_code", "valid_from"],
    ("voice_center", "contacts"): ["contact_id"],
}


def values(rows: list[dict[str, str]], column: str) -> set[str]:
    return {row[column] for row in rows if row[column]}


@pytest.mark.parametrize(("source", "entity"), KEYS)
def test_keys_are_unique_but_for_planted_duplicates(world: Any, source: str, entity: str) -> None:
    rows = world.rows(source, entity)
    distinct = {tuple(row[column] for column in KEYS[source, entity]) for row in rows}
    names = [path.relative_to(world.root).as_posix() for path in world.paths(source, entity)]
    truth = [world.truth["files"][name] for name in names]
    assert len(distinct) == sum(file["distinct"] for file in truth)
    assert len(rows) - len(distinct) == sum(file["repeated"] + file["older_versions"] for file in truth)


def test_repeated_legs_are_identical(world: Any) -> None:
    rows = world.rows("voice_center", "contacts")
    deliveries = Counter(row["contact_id"] for row in rows)
    repeated = {key for key, count in deliveries.items() if count > 1}
    assert repeated
    assert len({tuple(row.values()) for row in rows}) == len(deliveries)


def test_older_case_versions_are_open_and_older(world: Any) -> None:
    versions: dict[str, list[dict[str, str]]] = {}
    for row in world.rows("service_crm", "cases"):
        versions.setdefault(row["case_id"], []).append(row)
    twice = [rows for rows in versions.values() if len(rows) == 2]
    assert twice
    for rows in twice:
        older, newer = sorted(rows, key=lambda row: row["source_updated_at"])
        assert older["source_updated_at"] < newer["source_updated_at"]
        assert older["status"] == "open"
        assert older["first_response_at"] == ""


def test_sales_reconcile_with_their_lines(world: Any) -> None:
    nets: Counter[str] = Counter()
    for line in world.rows("store_pos", "transaction_lines"):
        net = int(line["quantity"]) * Decimal(line["unit_price"]) - Decimal(line["discount"])
        assert net == Decimal(line["net_amount"])
        nets[line["transaction_id"]] += int(net * 100)
    sales = world.rows("store_pos", "transactions")
    assert set(nets) == values(sales, "transaction_id")
    for sale in sales:
        subtotal, discount, tax = (Decimal(sale[name]) for name in ("subtotal", "discount", "tax"))
        assert int((subtotal - discount) * 100) == nets[sale["transaction_id"]]
        assert subtotal - discount + tax == Decimal(sale["total"])
        assert (Decimal(sale["total"]) <= 0) == bool(sale["return_of_transaction_id"])


def test_store_times_carry_the_offset_of_the_store(world: Any) -> None:
    # Standard and daylight saving offsets in hours; both occur between January and June.
    offsets = {"S01": {-5, -4}, "S04": {-6, -5}, "S07": {1, 2}}
    seen: dict[str, set[float]] = {}
    for sale in world.rows("store_pos", "transactions"):
        offset = datetime.fromisoformat(sale["closed_at"]).utcoffset()
        assert offset is not None
        seen.setdefault(sale["location_id"], set()).add(offset.total_seconds() / 3_600)
    assert {location: seen[location] for location in offsets} == offsets
    assert len(seen) == 10


def test_references_resolve(world: Any) -> None:
    sales, legs = world.rows("store_pos", "transactions"), world.rows("voice_center", "contacts")
    people, cases = world.rows("service_crm", "contacts"), world.rows("service_crm", "cases")
    recoveries = world.rows("service_crm", "recoveries")
    surveys = world.rows("service_crm", "survey_responses")
    merges = world.rows("service_crm", "contact_merges")
    sale_ids, leg_ids = values(sales, "transaction_id"), values(legs, "contact_id")
    contact_ids, case_ids = values(people, "contact_id"), values(cases, "case_id")
    assert values(sales, "return_of_transaction_id") < sale_ids
    assert values(cases, "order_ref") < sale_ids
    assert values(cases, "contact_id") < contact_ids
    assert values(cases, "parent_case_id") < case_ids
    assert values(world.rows("service_crm", "case_events"), "case_id") == case_ids
    assert values(recoveries, "case_id") < case_ids
    assert values(recoveries, "ref_id") < sale_ids
    assert values(surveys, "touchpoint_ref_id") < sale_ids | leg_ids | case_ids
    assert values(surveys, "contact_id") <= contact_ids
    assert values(merges, "surviving_id") | values(merges, "merged_id") < contact_ids
    assert values(world.rows("service_crm", "segment_memberships"), "contact_id") <= contact_ids
    assert values(legs, "case_id") < case_ids
    assert values(legs, "verified_contact_id") < contact_ids


def test_legs_chain_and_run_forward(world: Any) -> None:
    legs = {row["contact_id"]: row for row in world.rows("voice_center", "contacts")}
    second = [row for row in legs.values() if row["previous_contact_id"]]
    assert second
    for row in second:
        first = legs[row["previous_contact_id"]]
        assert first["next_contact_id"] == row["contact_id"]
        assert first["contact_id"] == row["initial_contact_id"] == first["initial_contact_id"]
        assert row["initiated_at"] == first["disconnected_at"]
    order = ["initiated_at", "enqueued_at", "dequeued_at", "connected_to_agent_at", "disconnected_at"]
    for row in legs.values():
        moments = [row[column] for column in order if row[column]]
        assert moments == sorted(moments)
        if row["connected_to_agent_at"]:
            talk = int(row["interaction_seconds"]) + int(row["hold_seconds"])
            start, end = (datetime.fromisoformat(row[name]) for name in order[3:])
            assert (end - start).total_seconds() == talk
        else:
            assert row["agent_id"] == row["interaction_seconds"] == ""


def test_case_times_run_forward(world: Any) -> None:
    for row in world.rows("service_crm", "cases"):
        moments = [row[name] for name in ("created_at", "first_response_at", "resolved_at", "closed_at")]
        given = [moment for moment in moments if moment]
        assert given == sorted(given)


def test_all_phones_are_valid_us_numbers(world: Any) -> None:
    bad = {
        key for file in world.truth["files"].values() for key in file["bad_values"].get("phone", {"keys": []})["keys"]
    }
    phones = values(world.rows("voice_center", "contacts"), "customer_endpoint")
    phones |= values(world.rows("voice_center", "contacts"), "dialled_endpoint")
    for source, entity, key in (
        ("store_pos", "transactions", "transaction_id"),
        ("service_crm", "contacts", "contact_id"),
    ):
        phones |= values([row for row in world.rows(source, entity) if row[key] not in bad], "phone")
    assert len(phones) > 2_000
    for phone in phones:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone, "US")), phone


def test_emails_use_reserved_domains_only(world: Any) -> None:
    for source, entity in (("store_pos", "transactions"), ("service_crm", "contacts")):
        domains = {email.strip().lower().split("@")[1] for email in values(world.rows(source, entity), "email")}
        # RFC 2606 reserves these; the mistyped value "@@" has an empty domain.
        assert domains == {"example.com", "example.org", "example.net", ""}
