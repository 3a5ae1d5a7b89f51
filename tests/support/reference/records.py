"""Facts that are records of a source: sales, calls, cases."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from support.reference.people import People, first, own_nodes
from support.reference.staged import Row, Staged, join_key, local_date

ISSUES = {"billing": ("billing", "after"), "invoice": ("billing", "after"), "delivery": ("delivery", "after")}
"""Of the seed issue_map, the codes of the tiny world: conformed code and stage. Another code stands for itself."""
CALL_CHANNELS = {"voice": "phone", "chat": "chat", "email": "email"}


def seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else int((end - start).total_seconds() // 1)


def transactions(staged: Staged, people: People) -> list[Row]:
    """Grain: a receipt. Its day is the place's local day; lines are its total where it has none of its own."""
    zones = {join_key(row["_source"], row["location_id"]): row["timezone"] for row in staged.of("pos", "locations")}
    lines = defaultdict(list)
    for line in staged.of("pos", "transaction_lines"):
        lines[join_key(line["_source"], line["transaction_id"])].append(line)
    found = []
    for row in staged.of("pos", "transactions"):
        source = row["_source"]
        key, place = join_key(source, row["transaction_id"]), join_key(source, row["location_id"])
        own = lines[key]
        net = sum((line["net_amount"] for line in own), Decimal(0)) if own else None
        total = first([row["total"], net])
        customer = people.person(first(own_nodes(row, staged)))
        returned = join_key(source, row["return_of_transaction_id"])
        found.append(
            {
                "transaction_key": key,
                "brand": staged.brand,
                "source": source.source,
                "transaction_id": row["transaction_id"],
                "customer_id": customer,
                "location_key": place,
                "channel": row["channel"],
                "opened_at": None,
                "closed_at": row["closed_at"],
                "business_date": local_date(row["closed_at"], zones.get(place, source.zone)),
                "status": row["status"],
                "currency": row["currency"],
                "subtotal": None,
                "discount": None,
                "tax": None,
                "total": total,
                "delivery_cost": None,
                "line_count": len(own),
                "units": sum((line["quantity"] for line in own), Decimal(0)) if own else None,
                "lines_net_amount": net,
                "is_return": returned is not None or (total or 0) < 0,
                "has_return_reason": any(line["return_reason"] for line in own),
                "return_of_transaction_key": returned,
                "is_identified": customer is not None,
            }
        )
    return found


def transaction_lines(staged: Staged, sales: list[Row]) -> list[Row]:
    """Grain: a line of a receipt that exists."""
    headers = {sale["transaction_key"]: sale for sale in sales}
    found = []
    for line in staged.of("pos", "transaction_lines"):
        sale = headers.get(join_key(line["_source"], line["transaction_id"]))
        if sale:
            own = {
                name: line[name]
                for name in ("line_no", "product_id", "quantity", "unit_price", "net_amount", "return_reason")
            }
            shared = ("transaction_key", "brand", "source", "customer_id", "currency", "closed_at", "business_date")
            own["product_key"] = join_key(line["_source"], line["product_id"])
            key = f"{sale['transaction_key']}/{line['line_no']}"
            found.append(
                {"transaction_line_key": key, "discount": None, **own, **{name: sale[name] for name in shared}}
            )
    return found


def cases(staged: Staged, people: People, sales: list[Row]) -> list[Row]:
    """Grain: a case. It begins with its first event, and without a contact is its order's customer's."""
    by_order = {sale["transaction_key"]: sale for sale in sales}
    pos, crm = staged.source_of("pos"), staged.source_of("crm")
    zones = {join_key(row["_source"], row["location_id"]): row["timezone"] for row in staged.of("pos", "locations")}
    found = []
    for row in staged.of("crm", "cases"):
        events = [event for event in staged.of("crm", "case_events") if event["case_id"] == row["case_id"]]
        began = min([row["created_at"], *(event["occurred_at"] for event in events)])
        order, place = join_key(pos, row["order_ref"]), join_key(pos, row["location_id"])
        issue, stage = ISSUES.get(row["issue_type"], (row["issue_type"], None))
        replies = [
            e for e in events if (e["event_type"], e["actor_type"], e["is_public"]) == ("reply", "employee", True)
        ]
        named = people.person(f"{crm.source}/contact/{row['contact_id']}") if crm and row["contact_id"] else None
        found.append(
            {
                "case_key": join_key(row["_source"], row["case_id"]),
                "brand": staged.brand,
                "source": row["_source"].source,
                "case_id": row["case_id"],
                "customer_id": first([named, by_order.get(order, {}).get("customer_id")]),
                "origin_channel": row["origin_channel"],
                "case_kind": row["case_kind"],
                "issue_code": issue,
                "issue_stage": stage,
                "location_key": place,
                "queue_id": None,
                "priority": None,
                "severity": row["severity"],
                "status": row["status"],
                "created_at": began,
                "first_response_at": first(
                    [row["first_response_at"], *sorted(event["occurred_at"] for event in replies)]
                ),
                "resolved_at": None,
                "closed_at": row["closed_at"],
                "business_date": local_date(began, zones.get(place, row["_source"].zone)),
                "is_closed": row["closed_at"] is not None or row["status"] == "closed",
                "is_escalated": row["is_escalated"],
                "event_count": len(events),
                "customer_event_count": sum(event["actor_type"] == "customer" for event in events),
                "public_event_count": sum(event["is_public"] for event in events),
                "transfer_count": sum(event["event_type"] == "transfer" for event in events),
                "reopen_count": sum(event["event_type"] == "reopen" for event in events),
                "apologised_at": min((e["occurred_at"] for e in events if e["event_type"] == "apology"), default=None),
                "record_viewed_at": None,
                "parent_case_key": None,
                "transaction_key": order,
                "resolution_code": None,
            }
        )
    return found


def calls(staged: Staged, people: People, known_cases: list[Row]) -> list[Row]:
    """Grain: a chain of legs. Of what the legs say, the first word counts; of how it ended, the last."""
    chains = defaultdict(list)
    for leg in staged.of("call_center", "contacts"):
        chains[leg["_source"], leg["initial_contact_id"] or leg["contact_id"]].append(leg)
    by_case = {row["case_key"]: row for row in known_cases}
    return [_call(staged, people, by_case, *chain, legs) for chain, legs in chains.items()]


def _call(
    staged: Staged, people: People, by_case: dict[Any, Row], source: Any, contact_id: str, legs: list[Row]
) -> Row:
    legs = sorted(legs, key=lambda leg: (leg["initiated_at"], leg["contact_id"]))

    def said(name: str, order: list[Row] = legs) -> Any:
        return first(leg[name] for leg in order)

    ranked = sorted(legs, key=lambda leg: _rank(own_nodes(leg, staged)))
    case_key = join_key(staged.source_of("crm"), said("case_id"))
    owner = first(people.person(first(own_nodes(leg, staged))) for leg in ranked)
    channel = CALL_CHANNELS[legs[0]["channel"]]
    ended = max((leg["disconnected_at"] for leg in legs if leg["disconnected_at"]), default=None)
    connected = min((leg["connected_to_agent_at"] for leg in legs if leg["connected_to_agent_at"]), default=None)
    enqueued = min((leg["enqueued_at"] for leg in legs if leg["enqueued_at"]), default=None)
    began, direction = legs[0]["initiated_at"], legs[0]["direction"]
    gone = direction == "inbound" and connected is None and (channel == "phone" or ended is not None)
    waits = [_wait(leg["enqueued_at"], leg["connected_to_agent_at"], leg["disconnected_at"]) for leg in legs]
    talks = [first([leg["interaction_seconds"], _talk(leg)]) for leg in legs]
    before = _wait(began, legs[0]["enqueued_at"], legs[0]["connected_to_agent_at"], legs[0]["disconnected_at"])
    queue_seconds = sum(waits)
    moment = first([enqueued, connected, began])
    issue, stage = ISSUES.get(said("issue_type"), (said("issue_type"), None))
    return {
        "call_key": join_key(source, contact_id),
        "brand": staged.brand,
        "source": source.source,
        "contact_id": contact_id,
        "customer_id": first([owner, by_case.get(case_key, {}).get("customer_id")]),
        "channel": channel,
        "direction": direction,
        "initiation_method": legs[0]["initiation_method"],
        "queue_id": said("queue_id"),
        "agent_id": first(leg["agent_id"] for leg in reversed(legs) if leg["connected_to_agent_at"]),
        "issue_code": issue,
        "issue_stage": stage,
        "initiated_at": began,
        "enqueued_at": enqueued,
        "connected_at": connected,
        "ended_at": ended,
        "business_date": local_date(began, source.zone),
        "interval_start_at": moment - timedelta(seconds=moment.timestamp() % 1800),
        "self_service_seconds": before if direction == "inbound" else 0,
        "queue_seconds": queue_seconds,
        "interaction_seconds": None if all(talk is None for talk in talks) else sum(talk or 0 for talk in talks),
        "hold_seconds": sum(leg["hold_seconds"] or 0 for leg in legs),
        "after_contact_work_seconds": sum(leg["after_contact_work_seconds"] or 0 for leg in legs),
        "leg_count": len(legs),
        "transfer_count": sum(leg["initiation_method"] == "transfer" for leg in legs),
        "reask_count": None,
        "record_viewed_at": None,
        "is_answered": connected is not None,
        "is_abandoned": gone,
        "abandonment_stage": ("queue" if enqueued else "self_service") if gone else None,
        "is_short_abandonment": gone and enqueued is not None and queue_seconds <= 5,
        "case_key": case_key,
        "transaction_key": by_case.get(case_key, {}).get("transaction_key"),
        "is_resolved": said("is_resolved", legs[::-1]),
        "disposition_code": None,
    }


def _wait(start: datetime | None, *ends: datetime | None) -> int:
    """Seconds until the first thing known to have ended a wait; clocks that overlap make no negative wait."""
    return max(0, seconds(start, first(ends)) or 0)


def _talk(leg: Row) -> int | None:
    """Nobody spoke on a leg that reached no agent; a talk whose end is not known has no length."""
    if leg["connected_to_agent_at"] is None:
        return 0
    talked = seconds(leg["connected_to_agent_at"], leg["disconnected_at"])
    return None if talked is None else max(0, talked - (leg["hold_seconds"] or 0))


def _rank(nodes: list[str | None]) -> int:
    """A person an agent verified is better evidence than the line the call came from."""
    return next((number for number, node in enumerate(nodes[:2]) if node), 2)
