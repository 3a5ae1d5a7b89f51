"""The spine: touches, episodes, surveys, failures."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from support.reference.people import People, contact_node, first
from support.reference.records import seconds
from support.reference.staged import Row, Staged, join_key, local_date

STAGES = {"transaction": "during", "call": "after", "case": "after", "question": "before"}
POINTS = {"store": "store_purchase", "web": "web_purchase", "chat": "service_chat", "email": "service_email"}


def records(sales: list[Row], calls: list[Row], cases: list[Row]) -> list[Row]:
    """Every record that may be a touch, on the same few columns."""
    found = []
    for sale in sales:
        order = sale["return_of_transaction_key"] or sale["transaction_key"]
        point = "return" if sale["is_return"] else POINTS[sale["channel"]]
        about = {
            "issue_code": None,
            "issue_stage": None,
            "case_key": None,
            "direction": "inbound",
            "is_complaint": False,
        }
        when = {"occurred_at": sale["closed_at"], "ended_at": sale["closed_at"], "thread": f"order/{order}"}
        stage = "after" if sale["is_return"] else "during"
        found.append(sale | about | when | {"ref": ("transaction", sale["transaction_key"]), "point": (point, stage)})
    for call in calls:
        phone = "abandoned_call" if call["is_abandoned"] else "service_call"
        point = "outbound_contact" if call["direction"] == "outbound" else POINTS.get(call["channel"], phone)
        when = {"occurred_at": call["initiated_at"], "ended_at": call["ended_at"] or call["initiated_at"]}
        common = {
            "ref": ("call", call["call_key"]),
            "point": (point, "after"),
            "thread": _thread(call),
            "is_complaint": False,
        }
        found.append(call | when | common)
    for case in cases:
        when = {"occurred_at": case["created_at"], "ended_at": case["created_at"], "thread": _thread(case)}
        point = (case["case_kind"], STAGES.get(case["case_kind"], "after"))
        about = {
            "direction": "inbound",
            "channel": case["origin_channel"],
            "is_complaint": case["case_kind"] == "complaint",
        }
        found.append(case | when | about | {"ref": ("case", case["case_key"]), "point": point})
    for record in found:
        record["stage"] = record["issue_stage"] or record["point"][1]
        record["record_key"] = "/".join(record["ref"])
    return found


def _thread(record: Row) -> str | None:
    if record["transaction_key"]:
        return f"order/{record['transaction_key']}"
    return f"case/{record['case_key']}" if record["case_key"] else None


def _runs(items: list[Row], gap_seconds: int | None) -> list[list[Row]]:
    """Cut a strand where nothing of it went on for longer than the gap; never where there is no gap."""
    runs: list[list[Row]] = []
    for item in items:
        reach = max(other["ended_at"] for other in runs[-1]) if runs else None
        if runs and (gap_seconds is None or (seconds(reach, item["occurred_at"]) or 0) <= gap_seconds):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def touchpoints(found: list[Row]) -> list[Row]:
    """Records of one person in one thread within half an hour are one touch, told by the richest of them."""
    strands, touches = defaultdict(list), []
    for record in found:
        is_alone = record["customer_id"] is None or record["thread"] is None
        owner = record["record_key"] if is_alone else (record["customer_id"], record["thread"])
        strands[owner].append(record)
    for strand in strands.values():
        strand.sort(key=lambda record: (record["occurred_at"], record["record_key"]))
        touches += [_touch(run) for run in _runs(strand, 1800)]
    keys = episode_keys(touches)
    return [touch | {"episode_key": keys.get(touch["touch_key"])} for touch in touches]


def _touch(run: list[Row]) -> Row:
    order = {"case": 1, "call": 2, "transaction": 3}
    lead = min(run, key=lambda r: (r["issue_code"] is None, order[r["ref"][0]], r["occurred_at"], r["record_key"]))
    return {
        "touch_key": lead["record_key"],
        "brand": lead["brand"],
        "source": lead["source"],
        "customer_id": lead["customer_id"],
        "touchpoint_code": lead["point"][0],
        "journey_stage": lead["stage"],
        "channel": lead["channel"],
        "direction": lead["direction"],
        "occurred_at": min(record["occurred_at"] for record in run),
        "ended_at": max(record["ended_at"] for record in run),
        "business_date": min(record["business_date"] for record in run),
        "issue_code": lead["issue_code"],
        "case_key": max((record["case_key"] for record in run if record["case_key"]), default=None),
        "transaction_key": max((r["transaction_key"] for r in run if r["transaction_key"]), default=None),
        "ref_type": lead["ref"][0],
        "ref_key": lead["ref"][1],
        "record_count": len(run),
        "is_complaint": any(record["is_complaint"] for record in run),
        "_thread": lead["thread"],
    }


def episode_keys(touches: list[Row]) -> dict[str, str]:
    """Touch → episode: a person's touches in one thread, else of one issue until a week goes by."""
    strands, keys = defaultdict(list), {}
    for touch in touches:
        if touch["customer_id"] is not None:
            issue = f"issue/{touch['issue_code']}" if touch["issue_code"] else touch["touch_key"]
            strands[touch["customer_id"], touch["_thread"] or issue].append(touch)
    for strand in strands.values():
        strand.sort(key=lambda touch: (touch["occurred_at"], touch["touch_key"]))
        for run in _runs(strand, None if strand[0]["_thread"] else 7 * 86400):
            keys.update({touch["touch_key"]: run[0]["touch_key"] for touch in run})
    return keys


def episodes(touches: list[Row], cases: list[Row], staged: Staged) -> list[Row]:
    """Open: a case of it is open, or another touch of its issue could still fall into it."""
    closed = {case["case_key"]: case["is_closed"] for case in cases}
    grouped = defaultdict(list)
    for touch in touches:
        if touch["episode_key"]:
            grouped[touch["episode_key"]].append(touch)
    found = []
    for key, run in grouped.items():
        run.sort(key=lambda touch: (touch["occurred_at"], touch["touch_key"]))
        ended = max(touch["ended_at"] for touch in run)
        may_grow = any(touch["_thread"] is None and touch["issue_code"] for touch in run)
        has_open_case = any(not closed.get(touch["case_key"], True) for touch in run)
        found.append(
            {
                "episode_key": key,
                "brand": run[0]["brand"],
                "customer_id": run[0]["customer_id"],
                "case_key": first(touch["case_key"] for touch in run),
                "issue_code": first(touch["issue_code"] for touch in run),
                "started_at": run[0]["occurred_at"],
                "ended_at": ended,
                "touch_count": len(run),
                "channel_count": len({touch["channel"] for touch in run}),
                "first_channel": run[0]["channel"],
                "last_channel": run[-1]["channel"],
                "has_complaint": any(touch["is_complaint"] for touch in run),
                "is_open": has_open_case or (may_grow and staged.as_of - ended <= timedelta(days=7)),
            }
        )
    return found


def segment_periods(staged: Staged, people: People) -> list[tuple[str | None, str, date, date]]:
    """(person, segment, from, to): memberships; a contact without any has always been in the segment it is in."""
    spans: dict[tuple[str | None, str, date], date] = {}
    crm, dated = staged.source_of("crm"), set()
    for row in staged.of("crm", "segment_memberships"):
        dated.add(row["contact_id"])
        key = (people.person(contact_node(crm, row["contact_id"])), row["segment_code"], row["valid_from"])
        spans[key] = max(spans.get(key, date.min), row["valid_to"] or date.max)
    for row in staged.of("crm", "contacts"):
        if row["segment_code"] and row["contact_id"] not in dated:
            spans[people.person(contact_node(crm, row["contact_id"])), row["segment_code"], date.min] = date.max
    return [(*key, valid_to) for key, valid_to in spans.items()]


def segment_on(periods: list[tuple[str | None, str, date, date]], person: str | None, day: date | None) -> str | None:
    """The segment entered last; of two on the same day, the first by name."""
    if day is None or person is None:
        return None
    held = [(since, code) for owner, code, since, until in periods if owner == person and since <= day < until]
    return min((code for since, code in held if since == max(held)[0]), default=None)


def surveys(staged: Staged, people: People, found: list[Row]) -> list[Row]:
    """Grain: an invitation. Without a contact it is about the person of the touch it names."""
    legs = {
        leg["contact_id"]: leg["initial_contact_id"] or leg["contact_id"]
        for leg in staged.of("call_center", "contacts")
    }
    by_ref = {record["ref"]: record for record in found}
    periods = segment_periods(staged, people)
    channels = {"voice": "phone"}
    rows = []
    for row in staged.of("crm", "survey_responses"):
        kind, named = row["touchpoint_ref_type"], row["touchpoint_ref_id"]
        holder = {"transaction": "pos", "call": "call_center", "case": "crm"}.get(kind)
        ref_key = join_key(
            staged.source_of(holder) if holder else None, legs.get(named, named) if kind == "call" else named
        )
        record = by_ref.get((kind, ref_key), {})
        own = people.person(contact_node(row["_source"], row["contact_id"]))
        customer = first([own, record.get("customer_id")])
        day = local_date(first([row["responded_at"], row["sent_at"]]), row["_source"].zone)
        share = (
            None if row["score"] is None else (row["score"] - row["scale_min"]) / (row["scale_max"] - row["scale_min"])
        )
        same = ("survey_type", "survey_version", "sent_at", "responded_at", "score", "scale_min", "scale_max")
        rows.append(
            {name: row[name] for name in (*same, "higher_is_better", "touchpoint_ref_type", "touchpoint_ref_id")}
            | {
                "response_key": join_key(row["_source"], row["response_id"]),
                "brand": staged.brand,
                "source": row["_source"].source,
                "customer_id": customer,
                "is_responded": row["responded_at"] is not None,
                "business_date": day,
                "survey_channel": None,
                "service_channel": channels.get(row["service_channel"], row["service_channel"]),
                "journey_stage": record.get("stage"),
                "segment_code": segment_on(periods, customer, day),
                "ref_type": kind,
                "ref_key": ref_key,
                "issue_code": record.get("issue_code"),
                "location_key": join_key(staged.source_of("pos"), row["location_id"]),
                "queue_id": None,
                "score_share": None if share is None else round(Decimal(share), 4),
            }
        )
    return rows
