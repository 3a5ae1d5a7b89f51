"""The staff of the contact centre: headlines, and the rows behind them."""

from collections import defaultdict
from datetime import UTC, date

from touchline.reports import wording
from touchline.reports.contact_figures import PROFILE_DAYS
from touchline.reports.content import Definition, Estimate, Headline
from touchline.reports.context import RECENT_DAYS, Context
from touchline.reports.published import Row
from touchline.reports.statistics import MIN_CLUSTERS, mean_of_days
from touchline.reports.words import _

INTERVALS = "rpt_demand_and_staffing"
QUERIES = {
    "staffing": f"""
        select brand, source, interval_start_at, offered, answered, abandoned_in_queue, answered_queue_seconds,
            agents_present, present_seconds, handling_seconds, idle_seconds, away_seconds, missing_seconds,
            rostered_seconds
        from {INTERVALS}
        inner join (
            select brand, max(interval_start_at) as last_start_at from {INTERVALS} where is_complete group by brand
        ) as latest using (brand)
        where is_complete and interval_start_at > last_start_at - interval '{PROFILE_DAYS} days'
        order by brand, interval_start_at, source
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """What this brand has no input for."""
    rows = context.of("staffing", brand)
    if not rows:
        return []
    absent = []
    if not any(row["present_seconds"] is not None for row in rows):
        absent.append(_("No staff: no source delivered states of agents, so that demand stands alone."))
    if not any(row["rostered_seconds"] is not None for row in rows):
        absent.append(
            _("No roster: no shift of an agent is known; it takes shifts, and agents that name their employee.")
        )
    return absent


def headlines(context: Context, brand: str) -> list[Headline]:
    """How busy those present were, and how much of the roster stayed away, in the latest days."""
    rows = context.of("staffing", brand)
    if not rows:
        return []
    last = rows[-1]["interval_start_at"]
    recent = [
        row
        for row in rows
        if (last - row["interval_start_at"]).days < RECENT_DAYS and row["present_seconds"] is not None
    ]
    return [_occupancy(context, recent), _missing_time(context, recent)] if recent else []


def _occupancy(context: Context, rows: list[Row]) -> Headline:
    estimate = _share_of_time(rows, ("handling_seconds",), ("handling_seconds", "idle_seconds"), context.min_cell)
    return _headline(
        context,
        (_("Occupancy"), "occupancy", ("occupancy", "handling_seconds", "idle_seconds")),
        estimate,
        _("Share of the time ready or handling in which agents were handling a contact, by their own states."),
    )


def _missing_time(context: Context, rows: list[Row]) -> Headline:
    estimate = _share_of_time(rows, ("missing_seconds",), ("rostered_seconds",), context.min_cell)
    return _headline(
        context,
        (_("Rostered and not there"), "missing_seconds", ("missing_seconds", "rostered_seconds")),
        estimate,
        _("Share of the rostered time in which the agent was in no state at all."),
    )


def _headline(context: Context, names: tuple[str, str, tuple[str, ...]], estimate: Estimate, sentence: str) -> Headline:
    label, metric, columns = names
    has_interval = estimate.lower is not None
    return Headline(
        label=label,
        metric=f"{INTERVALS}.{metric}",
        unit="share",
        estimate=estimate,
        observed=_("days"),
        sentence=sentence,
        definition=Definition(
            INTERVALS,
            columns,
            _(
                "Seconds of the latest {recent_days} days, summed over all feeds and divided once. The interval takes "
                "the UTC days as clusters (ratio estimate by linearisation, Cochran 1977).",
                recent_days=RECENT_DAYS,
            ),
        ),
        missing=context.too_few(estimate, _("days with staff")),
        uncertainty=""
        if has_interval
        else _("No interval: fewer than {min_clusters} days with staff", min_clusters=MIN_CLUSTERS),
    )


def _share_of_time(rows: list[Row], part: tuple[str, ...], whole: tuple[str, ...], min_cell: int) -> Estimate:
    """Seconds ÷ seconds, with the days as clusters and as n; bounds stay within 0 and 1."""
    days: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums = days[row["interval_start_at"].astimezone(UTC).date()]
        sums[0] += sum(row[column] or 0 for column in part)
        sums[1] += sum(row[column] or 0 for column in whole)
    pairs = [(seconds, of) for seconds, of in days.values() if of]
    estimate = mean_of_days(pairs, 1)
    if len(pairs) < min_cell:
        return Estimate(None, None, None, len(pairs))
    upper = None if estimate.upper is None else min(estimate.upper, 1.0)
    return Estimate(estimate.value, estimate.lower, upper, len(pairs))


def clocks(rows: list[Row], zones: dict[str, str]) -> str:
    """The zones on whose clocks hours are told."""
    return wording.listing(sorted({zones.get(row["source"], "UTC") for row in rows}))
