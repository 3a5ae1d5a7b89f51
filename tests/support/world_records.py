"""Records of the tiny world, drawn from pools so small that they collide: people, places, sales, calls and cases.

Identities stay plain: an e-mail, phone or card is one person's, whoever a record is corrected or merged to.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from support.world import START


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def _optional(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


# Midnights, ends of windows and moments of one touch are as likely as anything else.
DAYS = st.sampled_from([0, 1, 2, 6, 7, 8, 14, 31])
SECONDS = st.sampled_from([0, 1, 600, 1800, 1801, 7200, 43200, 82800, 86399])
INSTANTS = st.builds(lambda day, second: START + timedelta(days=day, seconds=second), DAYS, SECONDS)
AS_OF = st.builds(
    lambda day, second: START + timedelta(days=day, seconds=second),
    one_of(1, 6, 7, 8, 9, 14, 15, 21, 38, 62, 130),
    one_of(0, 0, 0, 600, 1800, 1801, 43200),
)
PEOPLE = st.sampled_from([None, 0, 1, 2])
SALES = [f"s{number}" for number in range(5)]
CASES = [f"q{number}" for number in range(4)]
LEGS = [f"l{number}" for number in range(5)]
CONTACTS = ["k0", "k1", "k2", "d0", "d1"]
ISSUES = _optional("billing", "invoice", "delivery", "mystery")


def _after(at: datetime, *seconds: int | None) -> st.SearchStrategy[datetime | None]:
    return st.sampled_from([None if gap is None else at + timedelta(seconds=gap) for gap in seconds])


@st.composite
def sale(draw: Any) -> dict[str, Any]:
    person, way = draw(PEOPLE), draw(one_of("account", "email", "both", "card"))
    known = person is not None
    return {
        "transaction_id": draw(one_of(*SALES)),
        "location_id": draw(one_of("L0", "L1", "L2")),
        "customer_ref": f"c{person}" if known and way in ("account", "both", "card") else None,
        "loyalty_id": "card0" if person == 0 and way == "card" else None,
        "email": f"p{person}@example.com" if known and way in ("email", "both") else None,
        "channel": draw(one_of("store", "web")),
        "closed_at": draw(INSTANTS),
        "status": draw(one_of("completed", "completed", "cancelled")),
        "total": draw(_optional(Decimal("10.00"), Decimal("20.00"), Decimal("-5.00"))),
        "currency": draw(one_of("USD", "USD", "EUR")),
        "return_of_transaction_id": draw(one_of(None, None, *SALES[:2])),
    }


@st.composite
def sale_line(draw: Any) -> dict[str, Any]:
    return {
        "transaction_id": draw(one_of(*SALES)),
        "line_no": draw(one_of(1, 2)),
        "product_id": draw(one_of("tea", "jam")),
        "quantity": draw(one_of(Decimal("1.000"), Decimal("2.500"))),
        "unit_price": draw(_optional(Decimal("4.00"))),
        "net_amount": draw(one_of(Decimal("4.00"), Decimal("-4.00"))),
        "return_reason": draw(one_of(None, None, "broken")),
    }


@st.composite
def product(draw: Any) -> dict[str, Any]:
    return {
        "product_id": draw(one_of("tea", "jam")),
        "sku": "sku",
        "category": draw(one_of("drinks", "spreads")),
        "list_price": draw(_optional(Decimal("4.00"))),
        "unit_cost": draw(_optional(Decimal("2.00"))),
        "currency": draw(_optional("USD", "EUR")),
    }


@st.composite
def price(draw: Any) -> dict[str, Any]:
    return {
        "product_id": draw(one_of("tea", "jam")),
        "channel": draw(one_of("store", "web")),
        "location_id": draw(one_of("*", "L0")),
        "valid_from": draw(one_of(date(2026, 1, 1), date(2026, 3, 8))),
        "price": draw(one_of(Decimal("4.00"), Decimal("5.00"))),
        "currency": draw(one_of("USD", "USD", "EUR")),
        "valid_to": draw(_optional(date(2026, 3, 15))),
    }


@st.composite
def opening_window(draw: Any) -> dict[str, Any]:
    return {
        "location_id": draw(one_of("L0", "L1")),
        "weekday": draw(one_of(1, 5, 7)),
        "opens": draw(one_of("09:00", "18:00")),
        "closes": draw(one_of("02:00", "18:00", "24:00")),
        "valid_from": draw(one_of(date(2026, 1, 1), date(2026, 3, 8))),
        "valid_to": draw(_optional(date(2026, 3, 15))),
    }


@st.composite
def holiday(draw: Any) -> dict[str, Any]:
    return {"location_id": draw(one_of("L0", "L1")), "holiday_date": draw(one_of(date(2026, 3, 1), date(2026, 3, 8)))}


@st.composite
def place(draw: Any) -> dict[str, Any]:
    zone = draw(one_of("America/New_York", "Asia/Tokyo", "UTC"))
    return {"location_id": draw(one_of("L0", "L1")), "name": "shop", "timezone": zone}


@st.composite
def leg(draw: Any) -> dict[str, Any]:
    person, way = draw(PEOPLE), draw(one_of("endpoint", "account", "verified"))
    channel, at = draw(one_of("voice", "voice", "email", "chat")), draw(INSTANTS)
    known = person is not None
    endpoint = {"voice": f"+1202555010{person}", "email": f"p{person}@example.com", "chat": None}[channel]
    enqueued = draw(_after(at, None, 0, 10))
    return {
        "contact_id": draw(one_of(*LEGS)),
        "initial_contact_id": draw(one_of(None, None, *LEGS[:2])),
        "channel": channel,
        "direction": draw(one_of("inbound", "inbound", "outbound")),
        "initiation_method": draw(one_of("inbound", "transfer")),
        "customer_endpoint": endpoint if known else None,
        "customer_ref": f"v{person}" if known and way == "account" else None,
        "initiated_at": at,
        "enqueued_at": enqueued,
        "connected_to_agent_at": draw(_after(enqueued or at, None, 5, 20, 60)),
        "disconnected_at": draw(_after(at, None, 70, 1800, 7200, -60)),
        "queue_id": draw(_optional("Q1")),
        "agent_id": "a1",
        "interaction_seconds": draw(_optional(40)),
        "hold_seconds": draw(_optional(7)),
        "after_contact_work_seconds": draw(_optional(9)),
        "issue_type": draw(ISSUES),
        "case_id": draw(one_of(None, None, *CASES)),
        "is_resolved": draw(one_of(None, True, False)),
        "verified_contact_id": f"k{person}" if known and way != "endpoint" else None,
    }


@st.composite
def contact(draw: Any) -> dict[str, Any]:
    contact_id = draw(one_of(*CONTACTS))
    person = contact_id[1] if contact_id[0] == "k" else None
    return {
        "contact_id": contact_id,
        "email": draw(_optional(f"p{person}@example.com")) if person else None,
        "phone": draw(_optional(f"+1202555010{person}")) if person else None,
        "loyalty_id": draw(_optional("card0")) if person == "0" else None,
        "created_at": draw(INSTANTS),
        "segment_code": draw(_optional("gold", "silver")),
        "preferred_channel": draw(_optional("voice", "email")),
        "master_contact_id": draw(one_of(None, None, "k0", "k1")) if person is None else None,
        "consent_marketing": draw(one_of(None, True, False)),
    }


@st.composite
def case(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    return {
        "case_id": draw(one_of(*CASES)),
        "contact_id": draw(one_of(None, *CONTACTS)),
        "origin_channel": draw(one_of("store", "phone", "email")),
        "case_kind": draw(one_of("complaint", "complaint", "request", "question")),
        "issue_type": draw(ISSUES),
        "order_ref": draw(one_of(None, None, *SALES[:3])),
        "location_id": draw(_optional("L0", "L2")),
        "severity": draw(_optional(1, 3)),
        "status": draw(one_of("open", "closed")),
        "created_at": at,
        "first_response_at": draw(_after(at, None, 3600)),
        "closed_at": draw(_after(at, None, 86400)),
        "is_escalated": draw(st.booleans()),
        "owner_employee_id": draw(_optional("b0")),
    }


@st.composite
def case_event(draw: Any) -> dict[str, Any]:
    return {
        "event_id": draw(one_of("e0", "e1", "e2", "e3")),
        "case_id": draw(one_of(*CASES)),
        "event_type": draw(one_of("reply", "apology", "transfer", "reopen")),
        "occurred_at": draw(INSTANTS),
        "actor_type": draw(one_of("customer", "employee")),
        "is_public": draw(st.booleans()),
    }


@st.composite
def survey(draw: Any) -> dict[str, Any]:
    about = draw(one_of(None, "transaction", "call", "case"))
    named = {"transaction": SALES, "call": LEGS, "case": CASES}
    sent = draw(INSTANTS)
    responded = draw(_after(sent, None, 60, 7200))
    return {
        "response_id": draw(one_of("r0", "r1", "r2")),
        "survey_type": draw(one_of("csat", "csat", "nps")),
        "survey_version": "v1",
        "contact_id": draw(one_of(None, None, *CONTACTS)),
        "sent_at": sent,
        "responded_at": responded,
        "service_channel": draw(_optional("voice", "store")),
        "location_id": draw(_optional("L0")),
        "touchpoint_ref_type": about,
        "touchpoint_ref_id": draw(one_of(*named[about])) if about else None,
        "score": draw(one_of(Decimal(1), Decimal(2), Decimal(5))) if responded else None,
        "scale_min": Decimal(1),
        "scale_max": Decimal(5),
        "higher_is_better": True,
    }


@st.composite
def recovery(draw: Any) -> dict[str, Any]:
    at, ref = draw(INSTANTS), draw(_optional("order"))
    completed = draw(_after(at, None, 7200, 86400))
    return {
        "recovery_id": draw(one_of("y0", "y1")),
        "case_id": draw(one_of(None, *CASES)),
        "ref_type": ref,
        "ref_id": draw(one_of(*SALES)) if ref else None,
        "failure_type": draw(one_of("late", "broken")),
        "detected_at": at,
        "acknowledged_at": draw(_after(at, None, 600)),
        "compensation_amount": draw(_optional(Decimal("5.00"))),
        "currency": None,
        "decided_at": draw(_after(at, None, 3600)),
        "is_escalated": False,
        "completed_at": completed,
        "outcome": draw(_optional("accepted", "rejected")) if completed else None,
    }


@st.composite
def merge(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    survivor = draw(one_of("k0", "k1", "k2"))
    merged = draw(one_of(*(other for other in CONTACTS if other != survivor)))
    return {
        "surviving_id": survivor,
        "merged_id": merged,
        "merged_at": at,
        "unmerged_at": draw(_after(at, None, None, 86400, 604800)),
    }


@st.composite
def membership(draw: Any) -> dict[str, Any]:
    begins = draw(one_of(date(2026, 1, 1), date(2026, 3, 2)))
    return {
        "contact_id": draw(one_of(*CONTACTS[:4])),
        "segment_code": draw(one_of("gold", "silver")),
        "valid_from": begins,
        "valid_to": draw(_optional(date(2026, 3, 8), date(2026, 4, 1))),
    }


@st.composite
def promise(draw: Any) -> dict[str, Any]:
    at, about = draw(INSTANTS), draw(one_of("order", "call", "case"))
    due = draw(_after(at, 0, 3600, 86400, 1209600))
    return {
        "promise_id": draw(one_of("w0", "w1", "w2")),
        "contact_id": draw(one_of(None, *CONTACTS)),
        "ref_type": about,
        "ref_id": draw(one_of(*{"order": SALES, "call": LEGS, "case": CASES}[about])),
        "promise_type": draw(one_of("delivery", "answer")),
        "made_at": at,
        "due_at": due,
        "fulfilled_at": draw(st.sampled_from([None, at, due, due + timedelta(days=3)])),
        "made_by": draw(one_of("employee", "web")),
        "owner_employee_id": draw(_optional("b0", "b1")),
    }


@st.composite
def standard(draw: Any) -> dict[str, Any]:
    return {
        "standard_code": draw(one_of("u0", "u1")),
        "valid_from": draw(one_of(date(2026, 1, 1), date(2026, 3, 2))),
        "dimension": "responsiveness",
        "touchpoint_code": "service_call",
        "channel": draw(_optional("phone")),
        "metric_code": draw(one_of("answered_within_threshold", "promise_kept", "csat_score", "greeting_observed")),
        "aggregation": draw(one_of("share_within", "mean")),
        "operator": draw(one_of(">=", "<=")),
        "target": draw(one_of(Decimal("0.5"), Decimal("0.8"))),
        "target_uom": "share",
        "min_n": 1,
        "service_level": draw(one_of("basic", "high")),
        "owner_employee_id": "b0",
        "valid_to": draw(_optional(date(2026, 3, 8))),
    }


@st.composite
def employee(draw: Any) -> dict[str, Any]:
    return {
        "employee_id": draw(one_of("b0", "b1")),
        "valid_from": draw(one_of(date(2026, 1, 1), date(2026, 3, 2))),
        "location_id": draw(_optional("L0")),
        "role": draw(one_of("clerk", "manager")),
        "hired_on": date(2025, 1, 1),
        "left_on": draw(_optional(date(2026, 3, 8))),
        "is_executive": False,
    }


@st.composite
def observation(draw: Any) -> dict[str, Any]:
    return {
        "observation_id": draw(one_of("o0", "o1", "o2", "o3")),
        "location_id": draw(_optional("L0", "L1")),
        "queue_id": draw(_optional("Q1")),
        "employee_id": draw(_optional("b0", "b1")),
        "observed_at": draw(INSTANTS),
        "item_code": draw(one_of("greeting", "farewell")),
        "is_observed": draw(one_of(None, True, True, False)),
        "observer": "supervisor",
    }


@st.composite
def improvement(draw: Any) -> dict[str, Any]:
    return {
        "improvement_id": draw(one_of("i0", "i1", "i2")),
        "kind": draw(one_of("launch", "launch", "change")),
        "standard_code": draw(_optional("ANSWER")),
        "touchpoint_code": draw(_optional("store_purchase", "service_call", "complaint")),
        "location_id": draw(_optional("L0", "L1")),
        "changed_at": draw(INSTANTS),
    }


@st.composite
def checklist_item(draw: Any) -> dict[str, Any]:
    named = {None: ["*"], "order": SALES, "case": CASES, "call": LEGS, "appointment": ["a0"]}
    kind = draw(one_of(None, None, *named))
    return {
        "location_id": draw(one_of("L0", "L1")),
        "service_date": (START + timedelta(days=draw(DAYS))).date(),
        "item_code": draw(one_of("count", "talk")),
        "ref_type": kind,
        "ref_id": draw(one_of(*named[kind])),
        "kind": draw(one_of("information", "equipment", "mindset")),
        "is_required": draw(one_of(True, True, False)),
        "done_at": draw(st.none() | INSTANTS),
    }


@st.composite
def survey_item(draw: Any) -> dict[str, Any]:
    return {
        "response_id": draw(one_of("r0", "r1", "r2")),
        "item_code": draw(one_of("i0", "i1")),
        "side": draw(one_of("expectation", "expectation", "perception", "perception", "weight")),
        "dimension": draw(one_of("reliability", "empathy")),
        "score": draw(one_of(Decimal(1), Decimal(4), Decimal(5))),
    }


@st.composite
def belief(draw: Any) -> dict[str, Any]:
    return {
        "dimension": draw(one_of("reliability", "responsiveness")),
        "segment_code": draw(one_of("gold", "silver")),
        "recorded_on": draw(one_of(date(2026, 1, 1), date(2026, 3, 8))),
        "expected_score": draw(one_of(Decimal(3), Decimal(5))),
        "scale_min": Decimal(1),
        "scale_max": Decimal(5),
    }


@st.composite
def campaign_touch(draw: Any) -> dict[str, Any]:
    return {
        "touch_id": draw(one_of("m0", "m1", "m2")),
        "contact_id": draw(one_of(*CONTACTS)),
        "channel": "email",
        "touched_at": draw(INSTANTS),
    }


@st.composite
def suggestion(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    return {
        "suggestion_id": draw(one_of("g0", "g1")),
        "contact_id": draw(one_of(None, *CONTACTS)),
        "channel": "web",
        "submitted_at": at,
        "topic": "shelves",
        "adopted_at": draw(_after(at, None, 600, 2592000, 2592001)),
    }


@st.composite
def commitment(draw: Any) -> dict[str, Any]:
    return {
        "contact_id": draw(one_of(*CONTACTS[:4])),
        "kind": draw(one_of("contract", "prepaid")),
        "valid_from": draw(one_of(date(2026, 1, 1), date(2026, 3, 2))),
        "valid_to": draw(_optional(date(2026, 3, 8), date(2026, 6, 1))),
    }


@st.composite
def preference(draw: Any) -> dict[str, Any]:
    return {
        "contact_id": draw(one_of(*CONTACTS)),
        "code": draw(one_of("time", "gift")),
        "value": "x",
        "origin": draw(one_of("stated", "observed")),
        "recorded_at": draw(INSTANTS),
    }


@st.composite
def review(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    return {
        "review_id": draw(one_of("v0", "v1")),
        "platform": "maps",
        "rating": draw(one_of(1, 3, 5)),
        "scale_max": 5,
        "posted_at": at,
        "contact_id": draw(one_of(None, *CONTACTS)),
        "body": draw(_optional("slow")),
        "responded_at": draw(_after(at, None, 600)),
        "has_media": draw(one_of(True, False, None)),
    }


@st.composite
def preference_use(draw: Any) -> dict[str, Any]:
    named = {None: [None], "call": LEGS, "case": CASES}
    kind = draw(one_of(*named))
    return {
        "contact_id": draw(one_of(*CONTACTS)),
        "code": draw(one_of("time", "gift")),
        "used_at": draw(INSTANTS),
        "ref_type": kind,
        "ref_id": draw(one_of(*named[kind])),
    }


@st.composite
def training(draw: Any) -> dict[str, Any]:
    return {
        "employee_id": draw(one_of("b0", "b1")),
        "course_code": "c0",
        "completed_at": draw(INSTANTS),
        "hours": 4,
    }


@st.composite
def referral(draw: Any) -> dict[str, Any]:
    return {
        "referral_id": draw(one_of("w0", "w1")),
        "referrer_contact_id": draw(one_of(*CONTACTS)),
        "referred_at": draw(INSTANTS),
        "converted_transaction_id": draw(one_of(None, *SALES)),
    }


@st.composite
def notice(draw: Any) -> dict[str, Any]:
    return {
        "contact_id": draw(one_of(*LEGS)),
        "notified_at": draw(INSTANTS),
        "kind": draw(one_of("estimated_wait", "position", "callback_offer")),
        "quoted_seconds": draw(_optional(0, 10, 60)),
        "is_accepted": draw(one_of(None, True, False)),
    }


@st.composite
def callback(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    return {
        "callback_id": draw(one_of("x0", "x1")),
        "contact_id": draw(one_of(*LEGS)),
        "requested_at": at,
        "promised_from": at,
        "promised_to": draw(_after(at, 3600, 604800)),
        "attempted_at": None,
        "connected_at": draw(_after(at, None, 3600, 7200)),
    }


@st.composite
def agent(draw: Any) -> dict[str, Any]:
    return {"agent_id": draw(one_of("a1", "a2")), "employee_id": draw(_optional("b0", "b1")), "team": "front"}


@st.composite
def agent_state(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    return {
        "agent_id": draw(one_of("a1", "a2")),
        "start_at": at,
        "state": draw(one_of("talking", "available", "break", "offline", "juggling")),
        "end_at": at + timedelta(seconds=draw(one_of(-60, 0, 600, 1800, 5400, 90000))),
        "is_productive": draw(st.booleans()),
    }


@st.composite
def shift(draw: Any) -> dict[str, Any]:
    at = draw(INSTANTS)
    return {
        "shift_id": draw(one_of("h0", "h1")),
        "employee_id": draw(one_of("b0", "b1")),
        "location_id": "L0",
        "start_at": at,
        "end_at": at + timedelta(seconds=draw(one_of(1800, 14400))),
    }


RECORDS: dict[tuple[str, str], Callable[[], st.SearchStrategy[dict[str, Any]]]] = {
    ("till", "locations"): place,
    ("till", "transactions"): sale,
    ("till", "transaction_lines"): sale_line,
    ("till", "products"): product,
    ("till", "prices"): price,
    ("till", "location_hours"): opening_window,
    ("till", "holidays"): holiday,
    ("desk", "contacts"): contact,
    ("desk", "cases"): case,
    ("desk", "case_events"): case_event,
    ("desk", "survey_responses"): survey,
    ("desk", "recoveries"): recovery,
    ("desk", "contact_merges"): merge,
    ("desk", "segment_memberships"): membership,
    ("desk", "promises"): promise,
    ("desk", "service_standards"): standard,
    ("desk", "survey_items"): survey_item,
    ("desk", "management_expectations"): belief,
    ("desk", "campaign_touches"): campaign_touch,
    ("desk", "suggestions"): suggestion,
    ("desk", "improvements"): improvement,
    ("desk", "commitments"): commitment,
    ("desk", "preferences"): preference,
    ("desk", "preference_uses"): preference_use,
    ("desk", "trainings"): training,
    ("desk", "reviews"): review,
    ("desk", "referrals"): referral,
    ("till", "employees"): employee,
    ("till", "service_observations"): observation,
    ("till", "service_checklists"): checklist_item,
    ("line", "contacts"): leg,
    ("line", "wait_notices"): notice,
    ("line", "callbacks"): callback,
    ("line", "agents"): agent,
    ("line", "agent_states"): agent_state,
    ("till", "shifts"): shift,
    ("booth", "transactions"): sale,
}
