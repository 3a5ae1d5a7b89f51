"""Through which instant an export is complete."""

from datetime import MAXYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from touchline.mapping import Completeness


def complete_through(rule: Completeness | None, watermark: datetime | None, timezone: str) -> datetime | None:
    """The instant through which a load's export is complete; `watermark` is the newest moment among its rows."""
    if rule is None:
        return None
    moment = rule.instant or watermark
    if moment is None or rule.round_up is None or moment.year == MAXYEAR:
        return moment
    local = moment.astimezone(ZoneInfo(timezone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if rule.round_up == "month":
        start = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        return start.astimezone(UTC)
    return (start + timedelta(days=1)).astimezone(UTC)
