"""When places are open, and what is made good before the business day of a mishap is over."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from touchline.synthetic import world
from touchline.synthetic.purchases import Sale
from touchline.synthetic.recoveries import Recovery
from touchline.synthetic.render import Row, day, flag, instant
from touchline.synthetic.service import Case

OPENS, CLOSES = "09:00", "18:00"
HOLIDAYS = (61, 101)
"""Days of the window on which the stores are closed for service."""
COMPANY_ZONE = ZoneInfo("America/New_York")
"""Zone of the CRM: days of mishaps at no known place."""


def hour_rows(window: world.Window) -> list[Row]:
    """Return the opening windows of the stores, all days alike, and of the online channels, which never close."""
    places = [(place, OPENS, CLOSES) for place in world.STORES]
    places += [(place, "00:00", "24:00") for place in world.ONLINE.values()]
    return [
        {
            "location_id": place.location_id,
            "weekday": str(weekday),
            "opens": opens,
            "closes": closes,
            "valid_from": day(window.start),
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for place, opens, closes in places
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


def _day_ends(detected_at: datetime, place: world.Location | None, window: world.Window) -> datetime:
    local = detected_at.astimezone(place.zone if place else COMPANY_ZONE)
    date = local.date()
    if place in world.STORES:
        closed = set(_holidays(window))
        while date.isoformat() in closed or datetime.combine(date, time.fromisoformat(CLOSES), local.tzinfo) <= local:
            date += timedelta(days=1)
    return datetime.combine(date + timedelta(days=1), time(), local.tzinfo)


def _holidays(window: world.Window) -> list[str]:
    return [day(window.start + (number - 1) * world.DAY) for number in HOLIDAYS if number <= window.days]
