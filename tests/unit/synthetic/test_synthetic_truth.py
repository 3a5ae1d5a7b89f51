"""The truth: planted distributions show in the files, within what chance allows in 999 of 1,000 worlds."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from support.plausible import is_plausible

STOP = datetime(2026, 6, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
CSAT = {
    "store": [0.02, 0.03, 0.05, 0.30, 0.60],
    "phone": [0.10, 0.15, 0.20, 0.35, 0.20],
    "web": [0.04, 0.06, 0.15, 0.45, 0.30],
}


def chi_square(counts: list[int], shares: list[float]) -> float:
    """Return Pearson's statistic of counts against planted shares."""
    expected = [share * sum(counts) for share in shares]
    return sum((count - mean) ** 2 / mean for count, mean in zip(counts, expected, strict=True))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def distinct(rows: Iterable[dict[str, str]], key: str) -> list[dict[str, str]]:
    return list({row[key]: row for row in rows}.values())


@pytest.mark.parametrize("channel", CSAT)
def test_csat_scores_follow_the_planted_distribution(world: Any, channel: str) -> None:
    answers = [
        row
        for row in world.rows("service_crm", "survey_responses")
        if row["survey_type"] == "csat" and row["service_channel"] == channel and row["score"]
    ]
    counts = [sum(row["score"] == str(score) for row in answers) for score in range(1, 6)]
    assert len(answers) >= 300
    assert {(row["scale_min"], row["scale_max"], row["higher_is_better"]) for row in answers} == {("1", "5", "true")}
    # 99.9 % quantile of chi-square with 4 degrees of freedom (tables): 18.467.
    assert chi_square(counts, CSAT[channel]) < 18.467
    assert counts == world.truth["surveys"]["realised"][channel]["score_counts"]
    assert CSAT[channel] == world.truth["surveys"]["planted"][channel]


def test_effort_scores_follow_the_planted_distribution(world: Any) -> None:
    answers = [row for row in world.rows("service_crm", "survey_responses") if row["survey_version"] == "2.0"]
    assert {row["survey_type"] for row in answers} == {"ces"}
    counts = [sum(row["score"] == str(score) for row in answers) for score in range(1, 8)]
    assert counts == world.truth["surveys"]["realised"]["ces"]["score_counts"]
    assert sum(counts) >= 300
    # 99.9 % quantile of chi-square with 6 degrees of freedom (tables): 22.458.
    assert chi_square(counts, [0.03, 0.05, 0.07, 0.10, 0.20, 0.30, 0.25]) < 22.458


def test_nps_scores_and_silence_follow_the_plan(world: Any) -> None:
    planted = world.truth["surveys"]["planted"]["nps"]
    assert sum(planted) == pytest.approx(1)
    sent = [row for row in world.rows("service_crm", "survey_responses") if row["survey_type"] == "nps"]
    # Answers take up to three days: later invitations may still be open.
    settled = [row for row in sent if at(row["sent_at"]) < STOP - timedelta(days=3)]
    answered = [row for row in settled if row["responded_at"]]
    assert is_plausible(len(answered), len(settled), 0.30)
    scores = Counter(int(row["score"]) for row in answered)
    # 99.9 % quantile of chi-square with 10 degrees of freedom (tables): 29.588.
    assert chi_square([scores[score] for score in range(11)], planted) < 29.588


@pytest.mark.parametrize(
    ("queue", "planted"),
    # (1 - P(no wait)) * wait / (wait + patience): .55*60/300, .65*80/320, .45*45/300.
    [("q_billing", 0.11), ("q_delivery", 0.1625), ("q_general", 0.0675)],
)
def test_abandonment_per_queue(world: Any, queue: str, planted: float) -> None:
    legs = distinct(world.rows("voice_center", "contacts"), "contact_id")
    offered = [row for row in legs if row["queue_id"] == queue and row["initiation_method"] == "inbound"]
    abandoned = [row for row in offered if not row["connected_to_agent_at"]]
    truth = world.truth["abandonment"]
    assert truth["realised"][queue] == {"offered": len(offered), "abandoned": len(abandoned)}
    assert truth["planted"][queue] == pytest.approx(planted)
    assert is_plausible(len(abandoned), len(offered), planted)


def inbound_contacts(world: Any) -> dict[tuple[int, str], list[tuple[datetime, datetime, str]]]:
    """Return (start, end, channel) of inbound contacts by true person and issue, from the files alone."""
    owner = {key: number for number, own in enumerate(world.truth["identity"]["people"]) for key in own}
    legs = distinct(world.rows("voice_center", "contacts"), "contact_id")
    by_id = {row["contact_id"]: row for row in legs}
    contacts: dict[tuple[int, str], list[tuple[datetime, datetime, str]]] = {}
    for row in legs:
        if row["issue_type"] and row["initiation_method"] == "inbound":
            last = by_id.get(row["next_contact_id"], row)
            person = owner[f"voice_center.customer_endpoint:{row['customer_endpoint']}"]
            touch = (at(row["initiated_at"]), at(last["disconnected_at"]), "voice")
            contacts.setdefault((person, row["issue_type"]), []).append(touch)
    for row in distinct(world.rows("service_crm", "cases"), "case_id"):
        if row["origin_channel"] != "phone":
            person = owner[f"service_crm.contact_id:{row['contact_id']}"]
            touch = (at(row["created_at"]), at(row["created_at"]), row["origin_channel"])
            contacts.setdefault((person, row["issue_type"]), []).append(touch)
    return {key: sorted(touches) for key, touches in contacts.items()}


def test_first_contact_returns_can_be_recovered_from_the_files(world: Any) -> None:
    counted: dict[str, Counter[str]] = {}
    for (_, issue), touches in inbound_contacts(world).items():
        for position, (start, end, channel) in enumerate(touches):
            is_first = not position or touches[position - 1][1] + WEEK < start
            if is_first and end + WEEK <= STOP:
                later = [touch for touch in touches[position + 1 :] if touch[0] <= end + WEEK]
                counts = counted.setdefault(issue, Counter())
                counts["first_contacts"] += 1
                counts["returned_within_7_days"] += bool(later)
                counts["returned_same_channel"] += any(touch[2] == channel for touch in later)
    assert {issue: dict(counts) for issue, counts in counted.items()} == world.truth["repeat_contacts"]["realised"]


@pytest.mark.parametrize(
    ("issue", "planted"), [("billing", 0.18), ("delivery", 0.30), ("product", 0.12), ("account", 0.08)]
)
def test_repeat_probability_per_issue(world: Any, issue: str, planted: float) -> None:
    truth = world.truth["repeat_contacts"]
    realised = truth["realised"][issue]
    assert truth["planted"][issue] == planted
    assert realised["first_contacts"] > 1_000
    assert is_plausible(realised["returned_within_7_days"], realised["first_contacts"], planted)


def test_people_without_repeat_purchase_follow_bg_nbd(world: Any) -> None:
    # P(no repeat | T) = (alpha / (alpha + T))^r with r = 2, alpha = 24; T is uniform on (3.6, 180) days, so
    # P = 24^2 * (1 / (24 + 3.6) - 1 / (24 + 180)) / 176.4 = 0.1023.
    probability = 24**2 * (1 / 27.6 - 1 / 204) / 176.4
    sales = [row for row in world.rows("store_pos", "transactions") if not row["return_of_transaction_id"]]
    purchases = Counter(row["customer_ref"] for row in sales if row["customer_ref"])
    single = sum(count == 1 for count in purchases.values())
    retention = world.truth["retention"]
    assert len(purchases) == retention["people"] == 2_000
    assert sum(purchases.values()) - 2_000 == retention["repeat_purchases"]
    assert single == retention["people_without_repeat"]
    assert is_plausible(single, 2_000, probability)
    # Walk-in sales are 12 % of the identified ones drawn, rounded, before some people left over a return.
    anonymous = sum(not row["customer_ref"] for row in sales)
    assert (
        anonymous
        == retention["anonymous_sales"]
        == round((sum(purchases.values()) + retention["purchases_unmade"]) * 0.12)
    )


def test_new_customers_every_month(world: Any) -> None:
    first: dict[str, str] = {}
    for row in world.rows("store_pos", "transactions"):
        if row["customer_ref"]:
            month = row["closed_at"][:7]
            first[row["customer_ref"]] = min(month, first.get(row["customer_ref"], month))
    # Uniform over 98 % of 180 days: about 28 to 31 days of 176.4 per month.
    assert {f"2026-{month:02d}" for month in range(1, 7)} == set(first.values())
    assert is_plausible(Counter(first.values())["2026-03"], 2_000, 31 / 176.4)


@pytest.mark.parametrize(("is_handed_over", "planted"), [("false", 0.82), ("true", 0.64)])
def test_recovery_acceptance(world: Any, is_handed_over: str, planted: float) -> None:
    rows = [row for row in world.rows("service_crm", "recoveries") if row["is_escalated"] == is_handed_over]
    outcomes = Counter(row["outcome"] for row in rows if row["completed_at"])
    name = "handed_over" if is_handed_over == "true" else "first_employee"
    realised = {"completed": outcomes.total(), "accepted": outcomes["accepted"]}
    assert world.truth["recovery"]["realised"][name] == realised
    assert set(outcomes) == {"accepted", "rejected"}
    assert is_plausible(outcomes["accepted"], outcomes.total(), planted)


def test_late_orders_and_transfers(world: Any) -> None:
    promised = [row for row in world.rows("store_pos", "transactions") if row["due_at"] and row["fulfilled_at"]]
    late = sum(at(row["fulfilled_at"]) > at(row["due_at"]) for row in promised)
    # A late order at the end of the window is not delivered yet, so only fully settled ones are compared.
    settled = [row for row in promised if at(row["due_at"]) < STOP - timedelta(hours=36)]
    assert world.truth["late_orders"]["late"] == late
    assert is_plausible(sum(at(row["fulfilled_at"]) > at(row["due_at"]) for row in settled), len(settled), 0.08)
    legs = distinct(world.rows("voice_center", "contacts"), "contact_id")
    calls = sum(bool(row["issue_type"]) and row["initiation_method"] == "inbound" for row in legs)
    transfers = sum(row["initiation_method"] == "transfer" for row in legs)
    assert transfers == world.truth["calls"]["transfers"]["count"]
    assert is_plausible(transfers, calls, 0.12)


def test_web_prices_differ_only_for_the_planted_products(world: Any) -> None:
    channel = {row["transaction_id"]: row["channel"] for row in world.rows("store_pos", "transactions")}
    prices: dict[tuple[str, bool], set[float]] = {}
    for line in world.rows("store_pos", "transaction_lines"):
        is_web = channel[line["transaction_id"]] == "web"
        prices.setdefault((line["product_id"], is_web), set()).add(float(line["unit_price"]))
    assert all(len(found) == 1 for found in prices.values())
    cheaper = {
        product for product, is_web in prices if is_web and min(prices[product, True]) < min(prices[product, False])
    }
    assert cheaper == set(world.truth["prices"]["products"])
    for product in cheaper:
        expected = 0.95 * min(prices[product, False])
        assert min(prices[product, True]) == pytest.approx(expected, abs=0.005)


def test_identifiers_form_a_partition(world: Any) -> None:
    people = world.truth["identity"]["people"]
    keys = [key for own in people for key in own]
    assert len(people) == 2_000
    assert len(keys) == len(set(keys))
    found = {f"store_pos.customer_ref:{row['customer_ref']}" for row in world.rows("store_pos", "transactions")}
    found |= {f"service_crm.contact_id:{row['contact_id']}" for row in world.rows("service_crm", "contacts")}
    for row in world.rows("voice_center", "contacts"):
        found.add(f"voice_center.customer_endpoint:{row['customer_endpoint']}")
    for source, entity in (("store_pos", "transactions"), ("service_crm", "contacts")):
        found |= {f"loyalty_id:{row['loyalty_id']}" for row in world.rows(source, entity)}
    assert set(keys) == {key for key in found if not key.endswith(":")}


def test_shared_values_belong_to_many_and_own_values_to_one(world: Any) -> None:
    identity = world.truth["identity"]
    owner = {key: number for number, own in enumerate(identity["people"]) for key in own}
    emails: dict[str, set[int]] = {}
    phones: dict[str, set[int]] = {}
    for source, entity, key, column in (
        ("store_pos", "transactions", "store_pos.customer_ref", "customer_ref"),
        ("service_crm", "contacts", "service_crm.contact_id", "contact_id"),
    ):
        for row in world.rows(source, entity):
            if row[column]:
                person = owner[f"{key}:{row[column]}"]
                emails.setdefault(row["email"].strip().lower(), set()).add(person)
                phones.setdefault("".join(filter(str.isdigit, row["phone"]))[-10:], set()).add(person)
    shared = {value for value, owners in (emails | phones).items() if len(owners) > 1}
    # An absent value, and what is left of the mistyped ones, "@@" and "555-CALL", are no identifiers.
    defaults = {identity["shared_email"], identity["shared_phone"][-10:]}
    offices = {phone[-10:] for phone in identity["switchboard_phones"]}
    households = {phone[-10:] for phone in identity["household_phones"]}
    recycled = set(identity["recycled_emails"]) | {phone[-10:] for phone in identity["recycled_phones"]}
    assert defaults | offices | households <= shared
    assert shared - {"", "@@", "555"} - defaults - offices - households <= recycled
    assert {len(phones[phone]) for phone in households} == {2, 3}
    assert {len(phones[phone]) for phone in offices} == {12}
    # A former owner shows a recycled value only where the till asked for it in time.
    assert shared & set(identity["recycled_emails"])
    assert all(len((emails | phones)[value]) <= 2 for value in recycled & shared)
    assert min(len(emails[identity["shared_email"]]), len(phones[identity["shared_phone"][-10:]])) >= 12


def test_merges_join_one_person_unless_taken_back(world: Any) -> None:
    identity = world.truth["identity"]
    owner = {key: number for number, own in enumerate(identity["people"]) for key in own}
    taken_back = 0
    for row in world.rows("service_crm", "contact_merges"):
        left, right = (owner[f"service_crm.contact_id:{row[name]}"] for name in ("surviving_id", "merged_id"))
        assert (left == right) == (row["unmerged_at"] == "")
        taken_back += left != right
    assert taken_back == identity["mistaken_merges_taken_back"] >= 1
    assert identity["merged_duplicates"] >= 10
    assert identity["same_email_duplicates"] >= 10


def test_split_people_are_parts_of_one_true_person(world: Any) -> None:
    identity = world.truth["identity"]
    whole = {frozenset(own) for own in identity["people"]}
    for groups in identity["split"]:
        assert len(groups) > 1
        assert frozenset(key for group in groups for key in group) in whole
        assert all(set(left).isdisjoint(right) for left, right in combinations(groups, 2))
