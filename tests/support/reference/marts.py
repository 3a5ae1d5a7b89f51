"""All tables the reference knows, for one frozen set of loads."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from support.reference import failures, records, reports, touches
from support.reference.people import People, contact_node, first, resolve
from support.reference.staged import Load, Row, SourceOf, Staged, join_key, stage

KEYS = {
    "fct_transactions": ("transaction_key",),
    "fct_transaction_lines": ("transaction_line_key",),
    "fct_calls": ("call_key",),
    "fct_cases": ("case_key",),
    "fct_touchpoints": ("touch_key",),
    "fct_episodes": ("episode_key",),
    "fct_surveys": ("response_key",),
    "fct_failures": ("failure_key",),
    "fct_recoveries": ("recovery_key",),
    "fct_promises": ("promise_key",),
    "rpt_first_contact_resolution": ("brand", "period_month", "channel", "issue_code"),
    "rpt_contact_center_days": ("brand", "source", "queue_id", "channel", "business_date"),
    "rpt_retention_cohorts": ("brand", "cohort_month", "month_offset"),
    "rpt_recovery": ("brand", "period", "failure_type", "severity"),
    "rpt_customer_360": ("customer_id",),
}
"""The grain of each table."""

NOT_TOLD = {"rpt_customer_360": {"preferences_known"}}
"""Columns the reference does not know: texts made of what other marts hold."""
LAPSE_DAYS, FORECAST_DAYS, RECENT_EPISODES = 90, 364, 3


def expected_marts(loads: Iterable[Load], sources: Iterable[SourceOf]) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows by table, and who each identity node belongs to (brand and node → person)."""
    tables: dict[str, list[Row]] = {name: [] for name in KEYS}
    nodes: dict[str, str] = {}
    for staged in stage(loads, sources):
        people = resolve(staged)
        nodes |= {f"{staged.brand}:{node}": str(people.person(node)) for node in people.parent}
        for name, rows in _brand_tables(staged, people).items():
            public = [{column: value for column, value in row.items() if not column.startswith("_")} for row in rows]
            tables[name] += public
    return tables, nodes


def _brand_tables(staged: Staged, people: People) -> dict[str, list[Row]]:
    sales = records.transactions(staged, people)
    cases = records.cases(staged, people, sales)
    calls = records.calls(staged, people, cases)
    found = touches.records(sales, calls, cases)
    spine = touches.touchpoints(found)
    facts = {
        "fct_transactions": sales,
        "fct_transaction_lines": records.transaction_lines(staged, sales),
        "fct_calls": calls,
        "fct_cases": cases,
        "fct_touchpoints": spine,
        "fct_episodes": touches.episodes(spine, cases, staged),
        "fct_surveys": touches.surveys(staged, people, found),
        "fct_recoveries": failures.recoveries(staged, cases, sales),
        "fct_promises": failures.promises(staged, people, found),
    }
    facts["fct_failures"] = failures.failures(facts)
    zones = {join_key(row["_source"], row["location_id"]): row["timezone"] for row in staged.of("pos", "locations")}
    # a place that sells but was never described keeps the time of its till
    zones = {sale["location_key"]: staged.sources[sale["source"]].zone for sale in sales} | zones
    mishaps = failures.under_recovery(facts, staged, zones)
    return facts | {
        "rpt_first_contact_resolution": reports.first_contact_resolution(spine, calls, staged),
        "rpt_contact_center_days": reports.contact_center_days(calls, staged),
        "rpt_retention_cohorts": reports.retention_cohorts(sales, staged),
        "rpt_recovery": reports.recovery(mishaps, staged),
        "rpt_customer_360": [
            _portrait(who, nodes, facts, mishaps, staged, people) for who, nodes in people.everyone().items()
        ],
    }


def _portrait(
    who: str, nodes: list[str], facts: dict[str, list[Row]], mishaps: list[Row], staged: Staged, people: People
) -> Row:
    """One person as of the brand's horizon."""
    as_of, today = staged.as_of, staged.as_of_date

    def own(name: str, at: str) -> list[Row]:
        return [row for row in facts[name] if row["customer_id"] == who and row[at] is not None and row[at] <= as_of]

    seen = [sighting for sighting in people.sightings if sighting[0] in nodes]
    instants = [at for *_, at in seen if at is not None]
    accounts = [node for node in nodes if "/customer/" in node or "/contact/" in node]
    spine, episodes = own("fct_touchpoints", "occurred_at"), own("fct_episodes", "started_at")
    cases = own("fct_cases", "created_at")
    touch, episode = (
        reports.latest(spine, "occurred_at", "touch_key"),
        reports.latest(episodes, "started_at", "episode_key"),
    )
    bought = [sale for sale in reports.purchases(facts["fct_transactions"], staged) if sale["customer_id"] == who]
    currency = next(
        (s.currency for s in sorted(staged.sources.values(), key=lambda s: s.kind != "pos") if s.currency), None
    )
    days = [sale["business_date"] for sale in bought]
    troubles = [row for row in mishaps if row["customer_id"] == who]
    spent = [sale["total"] or 0 for sale in bought if sale["currency"] == currency]
    row: dict[str, Any] = {
        "customer_id": who,
        "brand": staged.brand,
        "identity_quality": "linked" if len(accounts) > 1 or len({source for _, source, *_ in seen}) > 1 else "single",
        "segment_code": touches.segment_on(touches.segment_periods(staged, people), who, as_of.date()),
        "preferred_channel": _preferred_channel(who, staged, people),
        "first_seen_at": min(instants, default=None),
        "last_seen_at": max(instants, default=None),
        "touches": len(spine),
        "channels_used": len({touch["channel"] for touch in spine}),
        "last_touch_at": touch.get("occurred_at"),
        "last_touch_key": touch.get("touch_key"),
        "last_touch_channel": touch.get("channel"),
        "last_touchpoint_code": touch.get("touchpoint_code"),
        "days_since_last_touch": (today - max(t["business_date"] for t in spine)).days if spine else None,
        "episodes": len(episodes),
        "open_episodes": sum(item["is_open"] for item in episodes),
        "last_episode_key": episode.get("episode_key"),
        "last_episode_issue_code": episode.get("issue_code"),
        "last_episode_started_at": episode.get("started_at"),
        "is_last_episode_open": episode.get("is_open"),
        "cases": len(cases),
        "open_cases": sum(c["closed_at"] > as_of if c["closed_at"] else not c["is_closed"] for c in cases),
        "complaints": sum(case["case_kind"] == "complaint" for case in cases),
        "failures": len(troubles),
        "unrecovered_failures": sum(row["completed_at"] is None for row in troubles),
        "purchases": len(bought),
        "currency": currency,
        "spend": sum(spent),
        "purchases_in_other_currencies": len(bought) - len(spent),
        "first_purchase_date": min(days, default=None),
        "last_purchase_date": max(days, default=None),
        "days_since_last_purchase": (today - max(days)).days if days else None,
        "has_lapsed": (today - max(days)).days >= LAPSE_DAYS if days else None,
        # so few come again that no model of purchases is fitted
        "expected_spend": None,
        # a history begins when the day of the first purchase is over
        "forecast_days": FORECAST_DAYS if any(day < today for day in days) else None,
        "risk_of_having_left": None,
        "recent_episodes": _recent(episodes),
        "preferences": len(_preferences(who, staged, people)),
        "as_of": as_of,
    } | _open_promises(who, facts["fct_promises"])
    for kind in ("csat", "nps"):
        answers = [a for a in own("fct_surveys", "responded_at") if a["survey_type"] == kind and a["score"] is not None]
        answer = reports.latest(answers, "responded_at", "response_key")
        row[f"last_{kind}_score"] = answer.get("score")
        row[f"last_{kind}_version"] = answer.get("survey_version")
        row[f"last_{kind}_at"] = answer.get("responded_at")
    return row


def _recent(episodes: list[Row]) -> str | None:
    """Issue and day (UTC) of the latest episodes, the newest first."""
    ordered = sorted(episodes, key=lambda row: (row["started_at"], row["episode_key"]), reverse=True)
    told = []
    for row in ordered[:RECENT_EPISODES]:
        state = " (open)" if row["is_open"] else ""
        told.append(f"{row['issue_code'] or 'unknown'} {row['started_at'].astimezone(UTC).date()}{state}")
    return ", ".join(told) or None


def _open_promises(who: str, promises: list[Row]) -> Row:
    own = [row for row in promises if row["customer_id"] == who and row["promise_state"] == "open"]
    return {
        "open_promises": len(own),
        "overdue_promises": sum(row["is_due"] for row in own),
        "next_promise_due_at": min((row["due_at"] for row in own), default=None),
    }


def _preferences(who: str, staged: Staged, people: People) -> set[str]:
    """Codes of what is known of a person at as_of, whichever of the person's contacts it was told of."""
    return {
        row["code"]
        for row in staged.of("crm", "preferences")
        if row["recorded_at"] <= staged.as_of and people.person(contact_node(row["_source"], row["contact_id"])) == who
    }


def _preferred_channel(who: str, staged: Staged, people: People) -> str | None:
    """Of the contacts that state one, the newest; ties to the first by name."""
    stated = [
        row
        for row in staged.of("crm", "contacts")
        if row["preferred_channel"] and people.person(contact_node(row["_source"], row["contact_id"])) == who
    ]
    newest = [row for row in stated if row["created_at"] == max(other["created_at"] for other in stated)]
    named = {"voice": "phone"}
    channel = first(row["preferred_channel"] for row in sorted(newest, key=lambda row: row["contact_id"]))
    return named.get(channel, channel) if channel else None
