"""From delivered files to the records that count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

KEYS = {
    "locations": ("location_id",),
    "transactions": ("transaction_id",),
    "transaction_lines": ("transaction_id", "line_no"),
    "products": ("product_id",),
    "prices": ("product_id", "channel", "location_id", "valid_from"),
    "location_hours": ("location_id", "weekday", "opens", "valid_from"),
    "holidays": ("location_id", "holiday_date"),
    "queue_tickets": ("queue_ticket_id",),
    "contacts": ("contact_id",),
    "cases": ("case_id",),
    "case_events": ("event_id",),
    "survey_responses": ("response_id",),
    "recoveries": ("recovery_id",),
    "contact_merges": ("surviving_id", "merged_id"),
    "segment_memberships": ("contact_id", "segment_code", "valid_from"),
    "promises": ("promise_id",),
    "service_standards": ("standard_code", "valid_from"),
    "employees": ("employee_id", "valid_from"),
    "service_observations": ("observation_id",),
    "service_checklists": ("location_id", "service_date", "item_code", "ref_id"),
    "survey_items": ("response_id", "item_code", "side"),
    "management_expectations": ("dimension", "segment_code", "recorded_on"),
    "campaign_touches": ("touch_id",),
    "suggestions": ("suggestion_id",),
    "improvements": ("improvement_id",),
    "commitments": ("contact_id", "kind", "valid_from"),
    "reviews": ("review_id",),
    "referrals": ("referral_id",),
    "preferences": ("contact_id", "code"),
    "preference_uses": ("contact_id", "code", "used_at"),
    "trainings": ("employee_id", "course_code", "completed_at"),
    "wait_notices": ("contact_id", "notified_at"),
    "callbacks": ("callback_id",),
    "agents": ("agent_id",),
    "agent_states": ("agent_id", "start_at"),
    "shifts": ("shift_id",),
}


@dataclass
class Load:
    """One delivered file, as its rows; `state` and `overridden` are the warehouse's verdict on it."""

    source: str
    export: str
    extracted_at: datetime
    rows: list[Row]
    is_snapshot: bool = False
    state: str = "accepted"
    is_overridden: bool = False
    load_id: int = 0


@dataclass(frozen=True)
class SourceOf:
    """What a source declares of itself."""

    source: str
    kind: str
    brand: str
    zone: str
    currency: str | None = None


@dataclass
class Staged:
    """The records of one brand that count in a build, by entity, and the brand's horizon."""

    brand: str
    sources: dict[str, SourceOf]
    as_of: datetime
    records: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, kind: str, entity: str) -> list[Row]:
        return self.records.get(f"{kind}.{entity}", [])

    def source_of(self, kind: str) -> SourceOf | None:
        """A bare id points into another kind only where that kind has one source."""
        found = [source for source in self.sources.values() if source.kind == kind]
        return found[0] if len(found) == 1 else None

    @property
    def as_of_date(self) -> Any:
        """The day that is going on somewhere in the brand."""
        return min(local_date(self.as_of, source.zone) for source in self.sources.values())


def frozen_loads(loads: Iterable[Load]) -> list[Load]:
    """What a build made now would read: accepted or answered for, and of snapshots the latest."""
    usable = [load for load in loads if load.state == "accepted" or (load.state == "rejected" and load.is_overridden)]
    latest: dict[tuple[str, str], datetime] = {}
    for load in usable:
        if load.is_snapshot:
            export = (load.source, load.export)
            latest[export] = max(load.extracted_at, latest.get(export, load.extracted_at))
    return [load for load in usable if not load.is_snapshot or latest[load.source, load.export] == load.extracted_at]


def stage(loads: Iterable[Load], sources: Iterable[SourceOf]) -> list[Staged]:
    """Newest version of each key by brand, deletions left out."""
    loads = list(loads)
    brands: dict[str, Staged] = {}
    for source in sources:
        own = [load for load in loads if load.source == source.source]
        if not own:
            continue
        staged = brands.setdefault(source.brand, Staged(source.brand, {}, datetime.min.replace(tzinfo=UTC)))
        staged.sources[source.source] = source
        clocks = [row["joined_at"] for load in own if load.export == "queue_tickets" for row in load.rows]
        staged.as_of = max([staged.as_of, *clocks])
        for export, keys in KEYS.items():
            newest: dict[tuple[Any, ...], Row] = {}
            for row in (row for load in own if load.export == export for row in load.rows):
                key = tuple(row[name] for name in keys)
                if key not in newest or row["source_updated_at"] > newest[key]["source_updated_at"]:
                    newest[key] = row
            alive = [row | {"_source": source} for row in newest.values() if not row.get("is_deleted")]
            staged.records.setdefault(f"{source.kind}.{export}", []).extend(alive)
    return list(brands.values())


def local_date(instant: datetime | None, zone: str) -> Any:
    return None if instant is None else instant.astimezone(ZoneInfo(zone)).date()


def join_key(source: SourceOf | None, *parts: Any) -> str | None:
    """A key bears its source; null when any part of it is."""
    if source is None or any(part is None for part in parts):
        return None
    return "/".join([source.source, *map(str, parts)])
