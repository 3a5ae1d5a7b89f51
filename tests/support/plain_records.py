"""Single records of the tiny world, plain unless told otherwise."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from support.world import START

Row = dict[str, Any]
NOON = START + timedelta(hours=12)


def sale(number: str, person: int | None, at: datetime = NOON, **other: Any) -> Row:
    named = {"customer_ref": None if person is None else f"c{person}", "loyalty_id": None, "email": None}
    values = {"status": "completed", "total": Decimal("10.00"), "currency": "USD", "return_of_transaction_id": None}
    return {
        "transaction_id": number,
        "location_id": "L0",
        "channel": "store",
        "closed_at": at,
        **named,
        **values,
        **other,
    }


def call(number: str, person: int | None, at: datetime = NOON, **other: Any) -> Row:
    return {
        "contact_id": number,
        "initial_contact_id": None,
        "channel": "voice",
        "direction": "inbound",
        "initiation_method": "inbound",
        "customer_endpoint": None,
        "customer_ref": None if person is None else f"v{person}",
        "initiated_at": at,
        "enqueued_at": at,
        "connected_to_agent_at": at + timedelta(seconds=5),
        "disconnected_at": at + timedelta(seconds=70),
        "queue_id": "Q1",
        "agent_id": "a1",
        "interaction_seconds": 40,
        "hold_seconds": None,
        "after_contact_work_seconds": None,
        "issue_type": "billing",
        "case_id": None,
        "is_resolved": None,
        "verified_contact_id": None if person is None else f"k{person}",
        **other,
    }


def case(number: str, contact: str | None, at: datetime = NOON, **other: Any) -> Row:
    opened = {"status": "open", "created_at": at, "first_response_at": None, "closed_at": None, "is_escalated": False}
    about = {"issue_type": "billing", "order_ref": None, "location_id": None, "severity": 1}
    return {
        "case_id": number,
        "contact_id": contact,
        "origin_channel": "email",
        "case_kind": "complaint",
        **about,
        **opened,
        **other,
    }


def contact(number: str, **other: Any) -> Row:
    named = {"email": None, "phone": None, "loyalty_id": None, "master_contact_id": None}
    return {"contact_id": number, "created_at": NOON, "segment_code": None, "preferred_channel": None, **named, **other}


def merge(survivor: str, merged: str, until: datetime | None = None) -> Row:
    return {"surviving_id": survivor, "merged_id": merged, "merged_at": NOON, "unmerged_at": until}
