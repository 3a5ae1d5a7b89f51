"""Overview: do customers get through, and do they come back?"""

from collections import defaultdict
from datetime import date, datetime
from functools import partial

from touchline.reports import charts, consistency, contact_center, first_contact, retention, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Page, Section, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MIN_PERIODS = 3
"""Fewer points make no time line."""

RECOVERY = "rpt_recovery"
STEPS = {
    "voiced": N_("The customer told us"),
    "acknowledged": N_("Acknowledged"),
    "apologised": N_("Apologised for"),
    "decided": N_("Decided"),
    "completed": N_("Put right"),
    "completed_same_day": N_("Put right on the same day"),
}

QUERIES = {
    "touches": """
        select brand, coalesce(channel, 'unknown') as channel, business_date, count(*) as touches
        from fct_touchpoints inner join horizons using (brand)
        where occurred_at <= as_of and business_date < cast(as_of at time zone 'UTC' as date)
        group by brand, 2, business_date order by brand, 2, business_date
    """,
    "recovery": """
        select brand, detected, under_recovery, voiced, acknowledged, apologised, decided, completed,
            completed_same_day, recovery_rate, recovery_rate_lower, recovery_rate_upper,
            detection_to_completion_median_hours as median_hours
        from rpt_recovery where period = 'all' and failure_type = 'all' and severity = 'all'
        order by brand
    """,
}


def build(context: Context) -> Page:
    """The first page, one section a brand."""
    return Page(
        slug="index",
        name=_("Overview"),
        title=_("Do customers get through, and do they come back?"),
        lead=_(
            "Five figures a brand, each with its 95 % interval and the page that explains it, then where customers "
            "met us and what became of the failures."
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    instruments = consistency.instruments(context, brand)[:1]
    # Without a single recovery on record nothing says that failures were not put right.
    recovery = [row for row in context.of("recovery", brand) if row["under_recovery"]]
    touches = context.of("touches", brand)
    groups = {
        "service_level": contact_center.service_level_headlines(context, brand),
        "first_contact": first_contact.headlines(context, brand),
        "consistency": [consistency.consistency_headline(row) for row in instruments],
        "retention": _retention(context, brand),
        "recovery": [_recovery_headline(context, row) for row in recovery],
    }
    reasons = {
        "service_level": _("No service level: no complete day of contact-centre records was delivered."),
        "first_contact": _("No first-contact resolution: no first contact of a known person has a closed window."),
        "consistency": _("No consistency: no survey was delivered."),
        "retention": _("No retention: no cohort of known persons has a closed month."),
        "recovery": _("No recovery: no source of this brand recorded one."),
    }
    figures = [_touches(touches)] if len(_buckets(touches)) >= MIN_PERIODS else []
    figures += [_recovery(context, row) for row in recovery]
    return Section(
        brand=brand,
        as_of=as_of,
        headlines=[headline for found in groups.values() for headline in found],
        figures=figures,
        missing=[reasons[name] for name, found in groups.items() if not found]
        + ([] if touches else [_("No touchpoints: nothing was delivered that is a meeting with a customer.")]),
    )


def _retention(context: Context, brand: str) -> list[Headline]:
    """The later month that can be measured, else month 1."""
    return retention.cohort_headlines(context, brand, (retention.later_offset(context, brand), 1))[:1]


def _recovery_headline(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row, "recovery_rate", "detected")
    hours = row["median_hours"]
    pace = _(" Half of these took no longer than {hours:.1f} hours.", hours=hours) if hours is not None else ""
    return Headline(
        label=_("Failures put right"),
        metric=f"{RECOVERY}.recovery_rate",
        unit="share",
        estimate=estimate,
        observed=_("failures detected"),
        sentence=_(
            "{completed:,} of {failures} found in the records have a completed recovery.{pace}",
            completed=row["completed"],
            failures=wording.count(row["detected"], "failure"),
            pace=pace,
        ),
        definition=Definition(
            RECOVERY,
            ("recovery_rate", "detected", "completed"),
            _("All failures up to the brand's closing instant."),
        ),
        missing=context.too_few(estimate, _("failures")),
    )


def _buckets(rows: list[Row]) -> list[date]:
    if not rows:
        return []
    days = [row["business_date"] for row in rows]
    return wording.whole_buckets(min(days), max(days), wording.bucket_step(min(days), max(days)))


def _touches(rows: list[Row]) -> Figure:
    days = [row["business_date"] for row in rows]
    step = wording.bucket_step(min(days), max(days))
    counts: dict[str, dict[date, int]] = defaultdict(lambda: dict.fromkeys(_buckets(rows), 0))
    for row in rows:
        start = wording.bucket_start(row["business_date"], step)
        if start in counts[row["channel"]]:
            counts[row["channel"]][start] += row["touches"]
    channels = sorted(counts, key=lambda channel: (-sum(counts[channel].values()), channel))
    points = [
        {
            "panel": f"{one_line(channel)} ({sum(counts[channel].values()):,})",
            "order": order,
            "x": start.isoformat(),
            "value": counts[channel][start],
        }
        for order, channel in enumerate(channels)
        for start in counts[channel]
    ]
    return Figure(
        slug="touches",
        title=_("Where do customers meet us?"),
        text=_(
            "Touchpoints by channel and {step}, all rows on one scale; the number is the channel's total. Records of "
            "one touch count once; people we do not know count, too.",
            step=wording.step(step),
        ),
        alt=_(
            "Area charts of touchpoints by {step} for {names}; {touches:,} touchpoints.",
            step=wording.step(step),
            names=wording.listing([one_line(c) for c in channels]),
            touches=total(rows, "touches"),
        ),
        draw=partial(charts.sparks, points, step=step),
        table=Table(
            (
                Column("channel", _("Channel")),
                Column(step, _("{step} from", step=wording.step(step).capitalize()), "date"),
                Column("touches", _("Touchpoints"), "count"),
            ),
            [(channel, start, n) for channel in channels for start, n in counts[channel].items()],
        ),
        definition=Definition(
            "fct_touchpoints", ("channel", "record_count", "business_date"), _("Whole periods only.")
        ),
    )


def _recovery(context: Context, row: Row) -> Figure:
    detected = int(row["detected"])
    steps = {column: _(label) for column, label in STEPS.items()}
    shares: dict[str, Estimate] = {
        label: share(int(row[column]), detected, context.min_cell) for column, label in steps.items()
    }
    points = [
        dot(
            _("{label}\n{reached:,} of {detected:,}", label=label, reached=row[column], detected=detected),
            shares[label],
        )
        for column, label in steps.items()
        if shares[label].value is not None
    ]
    return Figure(
        slug="recovery",
        title=_("What becomes of a failure?"),
        text=_(
            "Steps reached, as a share of all failures found in the records, whether the customer spoke up or not. A "
            "step nobody records looks like a step not taken."
        ),
        alt=_(
            "Bar chart of the recovery steps of {failures}: {steps}.",
            failures=wording.count(detected, "failure"),
            steps=wording.listing([f"{label.lower()} {row[column]:,}" for column, label in steps.items()]),
        ),
        draw=partial(charts.dots, points, has_bars=True) if points else None,
        table=Table(
            (Column("step", _("Step")), *estimate_columns(_("Failures")), Column("reached", _("Reached"), "count")),
            [(label, *cells(shares[label]), row[column]) for column, label in steps.items()],
        ),
        definition=Definition(RECOVERY, ("detected", *STEPS), _("Divided by detected; the interval is Wilson's.")),
    )
