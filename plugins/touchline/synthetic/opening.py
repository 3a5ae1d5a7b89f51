"""When places are open, who asks them then, and what is made good before the business day of a mishap is over."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from touchline.synthetic import world
from touchline.synthetic.purchases import Sale
from touchline.synthetic.recoveries import Recovery
from touchline.synthetic.render import Row, day, flag, instant
from touchline.synthetic.service import Case

DAILY, ALWAYS, EVENING = ("09:00", "18:00"), ("00:00", "24:00"), ("20:00", "22:00")
WINDOWS = {
    place.location_id: (DAILY, EVENING) if place.location_id == "S07" else (DAILY,) for place in world.STORES[:-1]
} | {place.location_id: (ALWAYS,) for place in world.ONLINE.values()}
"""Wall clocks between which each place is open, all days alike; one opens twice, of the last store nothing is known."""
HOLIDAYS = (61, 101)
"""Days of the window on which the stores are closed for service."""
COMPANY_ZONE = ZoneInfo("America/New_York")
"""Zone of the CRM: days of mishaps at no known place."""


def hour_rows(window: world.Window) -> list[Row]:
    """Return the opening windows of all places whose hours are known; the online channels never close."""
    return [
        {
            "location_id": place,
            "weekday": str(weekday),
            "opens": opens,
            "closes": closes,
            "valid_from": day(window.start),
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for place, windows in WINDOWS.items()
        for opens, closes in windows
        for weekday in range(1, 8)
    ]


def holiday_rows(window: world.Window) -> list[Row]:
    """Return the days on which all stores are closed for service, whatever their hours say."""
    return [
        {
            "location_id": place.location_id,
            "holiday_date": date,
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for place in world.STORES
        for date in _holidays(window)
    ]


def same_day_truth(
    recoveries: list[Recovery], cases: list[Case], sales: list[Sale], window: world.Window
) -> dict[str, int]:
    """Count recoveries whose business day ended by the last one of the company, and those completed before its end."""
    orders = {case.case_id: case.order for case in cases}
    by_id = {sale.transaction_id: sale for sale in sales}
    counts = {"judged": 0, "same_day": 0}
    last = datetime.combine(datetime.fromtimestamp(window.stop, UTC).date(), time(), COMPANY_ZONE)
    for recovery in recoveries:
        row = recovery.row
        sale = orders[row["case_id"]] if row.get("case_id") else by_id[row["ref_id"]]
        ends_at = _day_ends(datetime.fromisoformat(row["detected_at"]), sale.location if sale else None, window)
        if ends_at <= last:
            counts["judged"] += 1
            done = row["completed_at"]
            counts["same_day"] += bool(done) and datetime.fromisoformat(done) < ends_at
    return counts


def demand_truth(cases: list[Case], sales: list[tuple[Sale, Row]], window: world.Window) -> dict[str, dict[str, int]]:
    """Count by place its cases, all from afar, and those while it was open, and sales and returns in it likewise."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("contacts", "door"), 0))
    asked = [(case.order.location, "contacts", case.created_at) for case in cases if case.order]
    for sale, row in sales:
        if sale.channel == "store":
            asked.append((sale.location, "door", round(datetime.fromisoformat(row["opened_at"]).timestamp())))
    closed = set(_holidays(window))
    for place, kind, at in asked:
        counts[place.location_id][kind] += 1
        state = f"{kind}_{_state(place, datetime.fromtimestamp(at, place.zone), closed)}"
        counts[place.location_id][state] = counts[place.location_id].get(state, 0) + 1
    return {place: dict(sorted(own.items())) for place, own in sorted(counts.items())}


def _state(place: world.Location, local: datetime, closed: set[str]) -> str:
    if place.location_id not in WINDOWS:
        return "unknown"
    if not any(opens <= f"{local:%H:%M}" < closes for opens, closes in WINDOWS[place.location_id]):
        return "closed"
    return "on_holidays" if place in world.STORES and local.date().isoformat() in closed else "open"


def _day_ends(detected_at: datetime, place: world.Location | None, window: world.Window) -> datetime:
    local = detected_at.astimezone(place.zone if place else COMPANY_ZONE)
    date = local.date()
    if place in world.STORES and place.location_id in WINDOWS:
        closed = set(_holidays(window))
        last = time.fromisoformat(WINDOWS[place.location_id][-1][1])
        while date.isoformat() in closed or datetime.combine(date, last, local.tzinfo) <= local:
            date += timedelta(days=1)
    return datetime.combine(date + timedelta(days=1), time(), local.tzinfo)


def _holidays(window: world.Window) -> list[str]:
    return [day(window.start + (number - 1) * world.DAY) for number in HOLIDAYS if number <= window.days]
