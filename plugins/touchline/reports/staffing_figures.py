"""Demand beside the staff, by the hour of the week."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from touchline.reports import charts, staff_wait_figures
from touchline.reports.contact_figures import PROFILE_DAYS, WEEKDAYS
from touchline.reports.content import Column, Definition, Figure, Table
from touchline.reports.context import Context, total
from touchline.reports.published import Row
from touchline.reports.staff_wait_figures import HALF_HOUR
from touchline.reports.staffing import INTERVALS, clocks
from touchline.reports.words import N_, _

NOTE = N_(
    "Half hours are put on the clock of their source and pooled by the hour of the week: the parts are summed "
    "first, then divided once. Hours with fewer half hours of known staff than min_cell have no value."
)

_BUSY_COLUMNS = (
    Column("weekday", N_("Weekday")),
    Column("hour", N_("Hour"), "count"),
    Column("staffed", N_("Half hours with staff known"), "count"),
    Column("occupancy", N_("Occupancy"), "share"),
    Column("handling", N_("Handling"), "seconds"),
    Column("idle", N_("Ready"), "seconds"),
    Column("away", N_("Away"), "seconds"),
    Column("missing", N_("Rostered, not there"), "seconds"),
)


@dataclass(frozen=True)
class Hour:
    """The half hours of one hour of the week; `staffed` are those of which the staff is known."""

    weekday: str
    hour: int
    rows: list[Row]

    @property
    def staffed(self) -> list[Row]:
        return [row for row in self.rows if row["present_seconds"] is not None]

    def per_hour(self, column: str, per: int = 1) -> float | None:
        """Mean by hour (two half hours) of a column over the half hours in which it is known."""
        known = [row[column] for row in self.rows if row[column] is not None]
        return 2 * sum(known) / len(known) / per if known else None


def figures(context: Context, brand: str) -> list[Figure]:
    """Charts of a brand with staff on record."""
    rows = context.of("staffing", brand)
    if not any(row["present_seconds"] is not None for row in rows):
        return []
    zones = {row["source"]: row["timezone"] for row in context.of("sources", brand)}
    hours = _hours(rows, zones)
    return [
        _load(context, hours, clocks(rows, zones)),
        _busy(context, hours, clocks(rows, zones)),
        *staff_wait_figures.figures(context, rows),
    ]


def _hours(rows: list[Row], zones: dict[str, str]) -> list[Hour]:
    """All hours of the week between the earliest and the latest that hold a row, Monday first."""
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        local = row["interval_start_at"].astimezone(ZoneInfo(zones.get(row["source"], "UTC")))
        found[local.weekday(), local.hour].append(row)
    first, last = min(hour for _, hour in found), max(hour for _, hour in found)
    return [
        Hour(_(WEEKDAYS[weekday]), hour, found.get((weekday, hour), []))
        for weekday in range(7)
        for hour in range(first, last + 1)
    ]


def _load(context: Context, hours: list[Hour], clock: str) -> Figure:
    def contacts_per_agent(hour: Hour) -> float | None:
        present = total(hour.staffed, "present_seconds")
        return total(hour.staffed, "offered") / (present / (2 * HALF_HOUR)) if present else None

    values = _values(context, hours, contacts_per_agent)
    return Figure(
        slug="staff-and-demand",
        title=_("Are enough people there when customers ask?"),
        text=_(
            "Contacts that asked for an agent per hour of an agent handling or ready: the stronger the colour, the "
            "more customers for each who was there. The latest {profile_days} weeks at most; clock: {clock}.",
            profile_days=PROFILE_DAYS // 7,
            clock=clock,
        ),
        alt=_("Heat map of contacts per agent hour by weekday and hour; {highest}.", highest=_highest(values, ".2f")),
        draw=partial(charts.grid, _points(values, "{:.1f}"), x_title=_("Hour of the day")),
        table=Table(
            (
                Column("weekday", _("Weekday")),
                Column("hour", _("Hour"), "count"),
                Column("n", _("Half hours"), "count"),
                Column("staffed", _("… with staff known"), "count"),
                Column("contacts", _("Contacts an hour"), "number"),
                Column("present", _("Agents present"), "number"),
                Column("rostered", _("Agents rostered"), "number"),
                Column("load", _("Contacts per agent hour"), "number"),
                Column("wait", _("Mean wait of the answered"), "seconds"),
                Column("gave_up", _("Gave up waiting"), "count"),
            ),
            [_hour_cells(hour, values[hour.weekday, hour.hour]) for hour in hours if hour.rows],
        ),
        definition=Definition(INTERVALS, ("offered", "present_seconds", "rostered_seconds"), NOTE),
    )


def _hour_cells(hour: Hour, load: float | None) -> tuple[object, ...]:
    answered = total(hour.rows, "answered")
    return (
        hour.weekday,
        hour.hour,
        len(hour.rows),
        len(hour.staffed),
        hour.per_hour("offered"),
        hour.per_hour("present_seconds", 2 * HALF_HOUR),
        hour.per_hour("rostered_seconds", 2 * HALF_HOUR),
        load,
        total(hour.rows, "answered_queue_seconds") / answered if answered else None,
        total(hour.rows, "abandoned_in_queue"),
    )


def _busy(context: Context, hours: list[Hour], clock: str) -> Figure:
    def occupancy(hour: Hour) -> float | None:
        ready = total(hour.rows, "handling_seconds") + total(hour.rows, "idle_seconds")
        return total(hour.rows, "handling_seconds") / ready if ready else None

    values = _values(context, hours, occupancy)
    return Figure(
        slug="occupancy",
        title=_("When are agents busy, and when do they wait for work?"),
        text=_(
            "Occupancy: handling ÷ (handling + ready), in percent, by hour of the week; breaks are in neither. Shades "
            "run from the lowest to the highest value. Clock: {clock}.",
            clock=clock,
        ),
        alt=_("Heat map of occupancy by weekday and hour; {highest}.", highest=_highest(values, ".0%")),
        draw=partial(
            charts.grid,
            _points({key: value and 100 * value for key, value in values.items()}, "{:.0f}", from_lowest=True),
            x_title=_("Hour of the day"),
        ),
        table=Table(
            _BUSY_COLUMNS, [_busy_cells(hour, values[hour.weekday, hour.hour]) for hour in hours if hour.staffed]
        ),
        definition=Definition(INTERVALS, ("occupancy", "handling_seconds", "idle_seconds", "missing_seconds"), NOTE),
    )


def _busy_cells(hour: Hour, occupancy: float | None) -> tuple[object, ...]:
    parts = (total(hour.staffed, f"{part}_seconds") for part in ("handling", "idle", "away", "missing"))
    return (hour.weekday, hour.hour, len(hour.staffed), occupancy, *parts)


def _values(
    context: Context, hours: list[Hour], measure: Callable[[Hour], float | None]
) -> dict[tuple[str, int], float | None]:
    return {
        (hour.weekday, hour.hour): measure(hour) if len(hour.staffed) >= context.min_cell else None for hour in hours
    }


def _points(
    values: dict[tuple[str, int], float | None], pattern: str, from_lowest: bool = False
) -> list[dict[str, object]]:
    known = [value for value in values.values() if value is not None]
    lowest = min(known, default=0.0) if from_lowest else 0.0
    steps = [lowest + step for step in charts.thresholds(max(known, default=0.0) - lowest)]
    return [
        {
            "x": f"{hour:02d}",
            "y": day,
            "shade": 0 if value is None else charts.shade(value, steps),
            "text": "" if value is None else pattern.format(value),
        }
        for (day, hour), value in values.items()
    ]


def _highest(values: dict[tuple[str, int], float | None], pattern: str) -> str:
    known = {key: value for key, value in values.items() if value is not None}
    if not known:
        return _("no hour has enough half hours")
    day, hour = max(known, key=lambda key: known[key])
    value = format(known[day, hour], pattern)
    return _("highest on {day} from {hour:02d}:00, {value}", day=day, hour=hour, value=value)
