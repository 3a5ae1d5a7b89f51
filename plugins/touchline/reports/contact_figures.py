"""The contact centre's charts: how the service level held, where customers waited, when they called."""

from collections import defaultdict
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Table
from touchline.reports.context import (
    RECENT_DAYS,
    Context,
    cells,
    dot,
    estimate_columns,
    joined,
    spread,
    timeline,
)
from touchline.reports.published import Row
from touchline.reports.queue_figures import label_of, names_of, queue_months
from touchline.reports.service_levels import FORMULAS, service_level
from touchline.reports.words import N_, _

DAYS = "rpt_contact_center_days"
POOLED = N_(
    "Pooled over the rows named: the parts are summed first, then divided once. The interval is Wilson's for shares."
)
SHOWN_QUEUES = 12
PROFILE_DAYS = 84
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def figures(context: Context, brand: str) -> list[Figure]:
    """All charts of a brand that has at least one complete day of calls."""
    days = context.of("contact_days", brand)
    if not days:
        return []
    shown = [_levels(context, days), _queues(context, brand), *queue_months(context, brand), _formulas(context, days)]
    demand = context.of("contact_intervals", brand)
    return [*shown, _demand(context, brand, demand)] if demand else shown


def _levels(context: Context, days: list[Row]) -> Figure:
    formula, seconds = days[0]["service_level_formula"], days[0]["service_level_threshold_seconds"]
    step = wording.bucket_step(days[0]["business_date"], days[-1]["business_date"])
    buckets: dict[date, list[Row]] = defaultdict(list)
    for row in days:
        buckets[wording.bucket_start(row["business_date"], step)].append(row)
    levels = {start: service_level(rows, formula, context.min_cell) for start, rows in buckets.items()}
    points = timeline(levels, step)
    return Figure(
        slug="service-level",
        title=_("Does the service level hold?"),
        text=_(
            "Share served within {seconds} seconds, by {step}. The band is the 95 % interval: where it is wide, few "
            "people called.",
            seconds=seconds,
            step=wording.step(step),
        ),
        alt=_(
            "Line chart of the service level by {step}, {spread}.",
            step=wording.step(step),
            spread=spread(levels.values()),
        ),
        draw=partial(charts.trend, points, label=_("Served within {seconds} s", seconds=seconds), step=step),
        table=Table(
            (
                Column(step, _("{step} from", step=wording.step(step).capitalize()), "date"),
                *estimate_columns(_("Contacts")),
            ),
            [(start, *cells(estimate)) for start, estimate in levels.items()],
        ),
        definition=Definition(DAYS, ("service_level", f"service_level_{formula}"), POOLED),
    )


def _queues(context: Context, brand: str) -> Figure:
    rows = context.of("contact_queues", brand)
    formula = rows[0]["service_level_formula"]
    levels = [(names_of(row), service_level([row], formula, context.min_cell), row) for row in rows]
    shown = [(names, estimate) for names, estimate, _row in levels if estimate.value is not None][:SHOWN_QUEUES]
    busiest = wording.listing([label_of(*names) for names, _one in shown[:3]]) or _("none has enough contacts")
    points = [dot(f"{label_of(*names)}\nn = {one.n:,}", one) | {"name": joined(*names)} for names, one in shown]
    return Figure(
        slug="queues",
        title=_("Which queue makes customers wait?"),
        text=_busiest_first(len(levels)),
        alt=_(
            "Dot chart of the service level of {queues}; the busiest: {busiest}.",
            queues=wording.count(len(shown), "queue"),
            busiest=busiest,
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("queue", _("Queue")),
                Column("channel", _("Channel")),
                *estimate_columns(_("Contacts")),
                Column("gave_up", _("Gave up waiting"), "count"),
                Column("wait", _("Mean wait of the answered"), "seconds"),
                Column("handling", _("Handle time"), "seconds"),
            ),
            [(*names, *cells(estimate), row["abandoned_in_queue"], *_means(row)) for names, estimate, row in levels],
        ),
        definition=Definition(
            DAYS,
            ("queue_id", f"service_level_{formula}", "average_speed_of_answer_seconds", "average_handle_seconds"),
            POOLED,
        ),
    )


def _busiest_first(queues: int) -> str:
    """What the chart of queues shows, and of how many where it does not show them all."""
    if queues <= SHOWN_QUEUES:
        return _(
            "Service level by queue in the latest {recent_days} complete days, busiest first.", recent_days=RECENT_DAYS
        )
    return _(
        "Service level by queue in the latest {recent_days} complete days, busiest first; the {shown_queues} "
        "busiest of {levels}.",
        recent_days=RECENT_DAYS,
        shown_queues=SHOWN_QUEUES,
        levels=queues,
    )


def _means(row: Row) -> tuple[float | None, float | None]:
    """Mean wait of the answered and mean handling time of a queue."""
    parts = (("answered_queue_seconds", "answered"), ("handle_seconds", "handled"))
    wait, handling = (row[seconds] / row[contacts] if row[contacts] else None for seconds, contacts in parts)
    return wait, handling


def _formulas(context: Context, days: list[Row]) -> Figure:
    default = days[0]["service_level_formula"]
    levels = [(name, words, service_level(days, name, context.min_cell)) for name, (words, _) in FORMULAS.items()]
    points = [
        dot(
            f"{name.replace('_', ' ')}\nn = {estimate.n:,}{_(', used on this page') if name == default else ''}",
            estimate,
        )
        for name, _words, estimate in levels
        if estimate.value is not None
    ]
    return Figure(
        slug="formulas",
        title=_("One centre, six service levels"),
        text=_(
            "The trade has no single formula. The same contacts under each of the six names: ask for the name before "
            "comparing two centres."
        ),
        alt=_(
            "Dot chart of the same contacts under six formulas, {spread}.",
            spread=spread(estimate for *_, estimate in levels),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (Column("formula", _("Name")), Column("words", _("Formula")), *estimate_columns(_("Contacts"))),
            [(name, _(words), *cells(estimate)) for name, words, estimate in levels],
        ),
        definition=Definition(DAYS, tuple(f"service_level_{name}" for name in FORMULAS), POOLED),
    )


def _demand(context: Context, brand: str, rows: list[Row]) -> Figure:
    zones = {row["source"]: row["timezone"] for row in context.of("sources", brand)}
    means = _hourly_means(rows, zones)
    day, hour = max(means, key=lambda key: means[key])
    clock = wording.listing(sorted({zones.get(row["source"], "UTC") for row in rows}))
    return Figure(
        slug="demand",
        title=_("When do customers ask for us?"),
        text=_(
            "Contacts that asked for an agent per hour of the week, mean of the latest {profile_days} weeks at most. "
            "Clock: {clock}.",
            profile_days=PROFILE_DAYS // 7,
            clock=clock,
        ),
        alt=_(
            "Heat map of contacts by weekday and hour; most on {day} from {hour:02d}:00, {greatest:.1f} an hour.",
            day=day,
            hour=hour,
            greatest=means[day, hour],
        ),
        draw=partial(charts.grid, _shaded(means), x_title=_("Hour of the day"), every=2),
        table=Table(
            (
                Column("weekday", _("Weekday")),
                Column("hour", _("Hour"), "count"),
                Column("contacts", _("Mean contacts"), "number"),
            ),
            [(day, hour, mean) for (day, hour), mean in means.items()],
        ),
        definition=Definition(
            "rpt_contact_center_intervals",
            ("interval_start_at", "offered"),
            _(
                "Half hours are put on the clock of their source, summed by hour of the week and divided by how often "
                "that weekday came in the days covered."
            ),
        ),
    )


def _shaded(means: dict[tuple[str, int], float]) -> list[dict[str, Any]]:
    """A cell for each hour of the week; hours with less than one contact bear no number."""
    steps = charts.thresholds(max(means.values()))
    return [
        {
            "x": f"{hour:02d}",
            "y": day,
            "shade": charts.shade(mean, steps) if mean else 0,
            "text": f"{mean:.0f}" if mean >= 1 else "",
        }
        for (day, hour), mean in means.items()
    ]


def _hourly_means(rows: list[Row], zones: dict[str, Any]) -> dict[tuple[str, int], float]:
    """Mean contacts by (weekday, hour) on the sources' own clocks, over every day from the first to the last."""
    sums: dict[tuple[int, int], int] = defaultdict(int)
    seen: set[date] = set()
    for row in rows:
        local = row["interval_start_at"].astimezone(ZoneInfo(zones.get(row["source"], "UTC")))
        sums[local.weekday(), local.hour] += row["offered"]
        seen.add(local.date())
    first, last = min(seen), max(seen)
    occurrences = [0] * 7
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        occurrences[date.fromordinal(ordinal).weekday()] += 1
    return {
        (_(WEEKDAYS[weekday]), hour): sums[weekday, hour] / occurrences[weekday]
        for weekday in range(7)
        if occurrences[weekday]
        for hour in range(24)
    }
