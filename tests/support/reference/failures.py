"""What went wrong, and what was done about it."""

from typing import Any

from support.reference.people import People, contact_node, first
from support.reference.staged import Row, Staged, join_key, local_date

MILESTONES = ("voiced_at", "acknowledged_at", "apologised_at", "decided_at", "completed_at")


def recoveries(staged: Staged, cases: list[Row], sales: list[Row]) -> list[Row]:
    """Grain: a recovery; it is about its case's customer, else its order's."""
    by_case = {case["case_key"]: case for case in cases}
    by_order = {sale["transaction_key"]: sale for sale in sales}
    found = []
    for row in staged.of("crm", "recoveries"):
        source = row["_source"]
        case = by_case.get(join_key(source, row["case_id"]), {})
        named = join_key(staged.source_of("pos"), row["ref_id"]) if row["ref_type"] == "order" else None
        order = first([named, case.get("transaction_key")])
        same = ("recovery_id", "failure_type", "detected_at", "acknowledged_at", "decided_at", "completed_at")
        found.append(
            {name: row[name] for name in (*same, "compensation_amount", "is_escalated", "outcome")}
            | {
                "recovery_key": join_key(source, row["recovery_id"]),
                "brand": staged.brand,
                "source": source.source,
                "customer_id": first([case.get("customer_id"), by_order.get(order, {}).get("customer_id")]),
                "case_key": join_key(source, row["case_id"]),
                "transaction_key": order,
                "severity": case.get("severity"),
                "business_date": local_date(row["detected_at"], source.zone),
                "voiced_at": case["created_at"] if case.get("case_kind") == "complaint" else None,
                "apologised_at": case.get("apologised_at"),
                "currency": first([row["currency"], source.currency]),
                "first_employee_id": None,
                "employee_id": None,
                "needed_approval": False,
            }
        )
    return found


def promises(staged: Staged, people: People, found: list[Row]) -> list[Row]:
    """Grain: a promise, as it stands at as_of. Without a contact it was made to the person of the record it names."""
    legs = {
        leg["contact_id"]: leg["initial_contact_id"] or leg["contact_id"]
        for leg in staged.of("call_center", "contacts")
    }
    by_ref = {record["ref"]: record for record in found}
    holders = {"order": ("transaction", "pos"), "call": ("call", "call_center"), "case": ("case", "crm")}
    rows = []
    for row in staged.of("crm", "promises"):
        kind, holder = holders[row["ref_type"]]
        named = legs.get(row["ref_id"], row["ref_id"]) if kind == "call" else row["ref_id"]
        ref_key = join_key(staged.source_of(holder), named)
        own = people.person(contact_node(row["_source"], row["contact_id"]))
        day = local_date(row["due_at"], row["_source"].zone)
        done = row["fulfilled_at"] if row["fulfilled_at"] and row["fulfilled_at"] <= staged.as_of else None
        is_made = row["made_at"] <= staged.as_of
        is_due = is_made and row["due_at"] <= staged.as_of
        state = "unmade" if not is_made else "open" if not done else "kept" if done <= row["due_at"] else "late"
        same = ("promise_id", "promise_type", "made_at", "made_by", "owner_employee_id", "due_at")
        rows.append(
            {name: row[name] for name in same}
            | {"promise_key": join_key(row["_source"], row["promise_id"]), "brand": staged.brand}
            | {"source": row["_source"].source, "ref_type": kind, "ref_key": ref_key, "business_date": day}
            | {"customer_id": first([own, by_ref.get((kind, ref_key), {}).get("customer_id")])}
            | {"due_month": day.replace(day=1), "fulfilled_at": done, "promise_state": state, "is_due": is_due}
            | {"is_kept": (done is not None and done <= row["due_at"]) if is_due else None}
            | {"lateness_seconds": int((done - row["due_at"]).total_seconds()) if done else None}
        )
    return rows


def failures(facts: dict[str, list[Row]]) -> list[Row]:
    """Complaints, abandoned calls, returns, low scores and recoveries, each one row; voiced when complained about."""
    complaints = [case for case in facts["fct_cases"] if case["case_kind"] == "complaint"]
    about = {("case", case["case_key"]) for case in complaints}
    about |= {("transaction", case["transaction_key"]) for case in complaints if case["transaction_key"]}
    about |= {("call", call["call_key"]) for call in facts["fct_calls"] if ("case", call["case_key"]) in about}
    found = []

    def fail(row: Row, kind: str, ref: tuple[str, str], at: Any, voiced: tuple[Any, Any], severity: Any = None) -> None:
        shared = {name: row[name] for name in ("brand", "source", "customer_id", "business_date")}
        own = {"failure_key": f"{kind}/{ref[1]}", "failure_kind": kind, "occurred_at": at, "severity": severity}
        found.append(shared | own | {"ref_type": ref[0], "ref_key": ref[1], "is_voiced": voiced in about})

    for case in complaints:
        ref = ("case", case["case_key"])
        fail(case, "complaint", ref, case["created_at"], ref, case["severity"])
    for call in facts["fct_calls"]:
        if call["is_abandoned"]:
            ref = ("call", call["call_key"])
            fail(call, "abandonment", ref, first([call["ended_at"], call["initiated_at"]]), ref)
    for sale in (sale for sale in facts["fct_transactions"] if sale["is_return"] or sale["has_return_reason"]):
        order = sale["return_of_transaction_key"] or sale["transaction_key"]
        fail(sale, "return", ("transaction", sale["transaction_key"]), sale["closed_at"], ("transaction", order))
    for answer in _low_scores(facts["fct_surveys"]):
        voiced = (answer["ref_type"], answer["ref_key"])
        fail(answer, "low_score", ("survey", answer["response_key"]), answer["responded_at"], voiced)
    for row in facts["fct_recoveries"]:
        ref = ("recovery", row["recovery_key"])
        fail(row, "recovery_detected", ref, row["detected_at"], ("case", row["case_key"]), row["severity"])
    for row in facts["fct_promises"]:
        if row["is_kept"] is False:
            fail(
                row, "promise_broken", ("promise", row["promise_key"]), row["due_at"], (row["ref_type"], row["ref_key"])
            )
    return found


def _broken(promises: list[Row]) -> list[Row]:
    return [row for row in promises if row["is_kept"] is False]


def _low_scores(answers: list[Row]) -> list[Row]:
    given = [row for row in answers if row["is_responded"] and row["survey_type"] == "csat"]
    return [row for row in given if row["score_share"] is not None and float(row["score_share"]) <= 0.4]


def under_recovery(facts: dict[str, list[Row]], staged: Staged, zones: dict[Any, str]) -> list[Row]:
    """Mishaps known by as_of: recoveries with what was done by then, and failures that no recovery is about."""
    by_case = {case["case_key"]: case for case in facts["fct_cases"]}
    by_order = {sale["transaction_key"]: sale for sale in facts["fct_transactions"]}
    found, taken_up = [], set()
    for row in facts["fct_recoveries"]:
        taken_up |= {row["case_key"], row["transaction_key"]}
        places = [by_case.get(row["case_key"], {}), by_order.get(row["transaction_key"], {})]
        zone = zones.get(first(place.get("location_key") for place in places), staged.sources[row["source"]].zone)
        if row["detected_at"] <= staged.as_of:
            done = {name: row[name] if row[name] and row[name] <= staged.as_of else None for name in MILESTONES}
            dates = {
                "day": local_date(row["detected_at"], zone),
                "completed_day": local_date(row["completed_at"], zone),
            }
            is_voiced = row["voiced_at"] is not None and row["voiced_at"] <= staged.as_of
            found.append(row | done | dates | {"has_recovery": True, "is_voiced": is_voiced})
    for row in facts["fct_failures"]:
        is_known = row["occurred_at"] <= staged.as_of and row["failure_kind"] != "recovery_detected"
        if is_known and row["ref_key"] not in taken_up:
            nothing = dict.fromkeys((*MILESTONES, "completed_day", "outcome"))
            own = {"failure_type": row["failure_kind"], "day": row["business_date"], "has_recovery": False}
            found.append(row | nothing | own | {"detected_at": row["occurred_at"]})
    return found
