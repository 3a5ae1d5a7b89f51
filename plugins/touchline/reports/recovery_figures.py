"""Where complaints come in and how they are taken, and what becomes of everything that went wrong."""

from collections import defaultdict
from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
    one_line,
    spread,
    timeline,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

COMPLAINTS, RECOVERY = "rpt_complaint_handling", "rpt_recovery"
STEPS = {
    "detection_to_acknowledgement": N_("Seen to acknowledged"),
    "acknowledgement_to_apology": N_("Acknowledged to apology"),
    "apology_to_decision": N_("Apology to decision"),
    "decision_to_completion": N_("Decision to made good"),
    "detection_to_completion": N_("Seen to made good"),
}
QUERIES = {
    "complaints": f"""
        select brand, complaint_month, channel, cases, complaints, channels_with_cases, channels_with_complaints,
            acknowledgement_due, acknowledged_in_time, acknowledgement_hours, fixed, apologised_before_fix,
            apologised_after_fix, reopened, escalated, outcomes_known, outcomes_accepted
        from {COMPLAINTS} order by brand, complaint_month, channel collate "C"
    """,
    "recovery_steps": f"""
        select brand, failure_type, detected, voiced, voiced_share, voiced_share_lower, voiced_share_upper,
            {", ".join(f"{step}_median_hours" for step in STEPS)}
        from {RECOVERY} where period = 'all' and severity = 'all'
        order by brand, detected desc, failure_type collate "C"
    """,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """All charts of a brand that has a complaint, or a failure, on record."""
    rows = context.of("complaints", brand)
    failures = context.of("recovery_steps", brand)
    shown = [_channels(context, rows), _apologies(context, rows)] if total(rows, "complaints") else []
    return [*shown, _voices(failures), _times(failures)] if failures else shown


def _channels(context: Context, rows: list[Row]) -> Figure:
    by_channel: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["channel"] != "all":
            by_channel[row["channel"]].append(row)
    levels = {
        channel: share(total(own, "acknowledged_in_time"), total(own, "acknowledgement_due"), context.min_cell)
        for channel, own in sorted(by_channel.items(), key=lambda item: (-total(item[1], "complaints"), item[0]))
    }
    points = [
        dot(f"{one_line(channel)}\nn = {estimate.n:,}", estimate)
        for channel, estimate in levels.items()
        if estimate.value is not None
    ]
    closed = [one_line(channel) for channel, own in by_channel.items() if not total(own, "complaints")]
    silent = (
        _(" No complaint ever came by {channels}, though other cases did.", channels=wording.listing(closed))
        if closed
        else ""
    )
    return Figure(
        slug="complaint-channels",
        title=_("Can customers complain wherever they meet us, and is it heard everywhere?"),
        text=_(
            "Complaints acknowledged within {acknowledgement_hours} hours, by the channel they came in, all "
            "months.{silent}",
            acknowledgement_hours=rows[0]["acknowledgement_hours"],
            silent=silent,
        ),
        alt=_("Dot chart of complaints acknowledged in time by channel, {spread}.", spread=spread(levels.values())),
        draw=partial(charts.dots, points) if points else None,
        table=_channel_table(by_channel, levels),
        definition=Definition(
            COMPLAINTS,
            ("acknowledged_in_time_share", "channels_with_complaints", "channels_with_cases"),
            _("Months are pooled by summing the parts, then dividing once; the interval is Wilson's."),
        ),
    )


def _channel_table(by_channel: dict[str, list[Row]], levels: dict[str, Estimate]) -> Table:
    parts = {
        "complaints": _("Complaints"),
        "cases": _("Cases of any kind"),
        "reopened": _("Opened again"),
        "escalated": _("Escalated"),
    }
    return Table(
        (
            Column("channel", _("Channel")),
            *estimate_columns(_("Complaints due")),
            *(Column(part, words, "count") for part, words in parts.items()),
        ),
        [
            (channel, *cells(estimate), *(total(by_channel[channel], part) for part in parts))
            for channel, estimate in levels.items()
        ],
    )


def _apologies(context: Context, rows: list[Row]) -> Figure:
    months = {row["complaint_month"]: row for row in rows if row["channel"] == "all"}
    shares = {
        month: share(row["apologised_before_fix"] or 0, row["fixed"] or 0, context.min_cell)
        for month, row in months.items()
    }
    return Figure(
        slug="apologies",
        title=_("Do feelings come first?"),
        text=_(
            "Of the complaints of a month that were fixed, the share with an apology on record at or before the fix. "
            "An apology by word of mouth that nobody recorded is not seen."
        ),
        alt=_("Line chart of apologies before the fix by month, {spread}.", spread=spread(shares.values())),
        draw=partial(charts.trend, timeline(shares, "month"), label=_("Apology before the fix"), step="month"),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                *estimate_columns(_("Fixed")),
                Column("after", _("Apology after the fix"), "count"),
                Column("answers", _("Outcomes known"), "count"),
                Column("accepted", _("Accepted"), "count"),
            ),
            [
                (
                    month,
                    *cells(estimate),
                    *(months[month][part] for part in ("apologised_after_fix", "outcomes_known", "outcomes_accepted")),
                )
                for month, estimate in shares.items()
            ],
        ),
        definition=Definition(COMPLAINTS, ("apology_before_fix_share", "apologised_before_fix", "fixed"), ""),
    )


def _voices(failures: list[Row]) -> Figure:
    levels = [(_words(row), estimate_of(row, "voiced_share", "detected"), row) for row in failures]
    points = [
        dot(f"{words}\nn = {estimate.n:,}", estimate) for words, estimate, _ in levels if estimate.value is not None
    ]
    return Figure(
        slug="voices",
        title=_("Of what goes wrong, how much do customers tell us?"),
        text=_(
            "Share of the failures on record about which the customer complained; the rest is silence, not content."
        ),
        alt=_("Dot chart of voiced failures by kind, {spread}.", spread=spread(estimate for _, estimate, _ in levels)),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (Column("failure", _("Failure")), *estimate_columns(_("Detected")), Column("voiced", _("Voiced"), "count")),
            [(words, *cells(estimate), row["voiced"]) for words, estimate, row in levels],
        ),
        definition=Definition(RECOVERY, ("voiced_share", "voiced", "detected"), ""),
    )


def _times(failures: list[Row]) -> Figure:
    timed = [row for row in failures if any(row[f"{step}_median_hours"] is not None for step in STEPS)]
    return Figure(
        slug="recovery-times",
        title=_("How long does each step to a recovery take?"),
        text=_("Median hours of each step, of the failures in which both of its ends are on record and in order."),
        alt=_("Table of median hours by failure and step."),
        table=Table(
            (
                Column("failure", _("Failure")),
                *(Column(step, _("{step}, h", step=_(words)), "number") for step, words in STEPS.items()),
            ),
            [(_words(row), *(_hours(row[f"{step}_median_hours"]) for step in STEPS)) for row in timed],
        ),
        definition=Definition(RECOVERY, tuple(f"{step}_median_hours" for step in STEPS), ""),
    )


def _words(row: Row) -> str:
    return named(row["failure_type"]).replace("_", " ")


def _hours(value: object) -> float | None:
    return None if value is None else float(str(value))
