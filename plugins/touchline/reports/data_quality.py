"""Data quality: can these figures be trusted?"""

from datetime import datetime
from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Page, Section, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, one_line, total
from touchline.reports.published import Row
from touchline.reports.quality_tables import checks, failing_checks, files, freshness, publications
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

SHOWN_REASONS = 12
VERDICTS = (N_("passed"), N_("passed with warnings"))
OUTCOMES = (N_("quarantined"), N_("filtered"), N_("nulled"))
"""Words of the ledger."""

FULL_COUNT = N_("A full count, no sample: no interval")

QUERIES = {
    "known_people": """
        select brand, coalesce(channel, 'unknown') as channel, count(*) as touches,
            count(*) filter (where customer_id is not null) as known
        from fct_touchpoints inner join horizons using (brand)
        where occurred_at <= as_of group by brand, 2 order by brand, count(*) desc, 2
    """,
}


def build(context: Context) -> Page:
    """The page: the build as a whole, then one section a brand."""
    return Page(
        slug="data-quality",
        name=_("Data quality"),
        title=_("Can these figures be trusted?"),
        lead=_(
            "What was delivered, what was set aside and why, which checks the build passed before anyone could read "
            "it, and how much of it belongs to people we know. Records set aside are kept and can be replayed."
        ),
        sections=[
            _build_section(context),
            *(_section(context, brand, as_of) for brand, as_of in context.brands.items()),
        ],
    )


def _build_section(context: Context) -> Section:
    facts = context.published.facts
    missing = [] if facts["audits"] else [_("No audit: the ledger holds no verdict for this build.")]
    return Section(
        brand="",
        as_of=None,
        headlines=[*_audit_headlines(context), *_record_headlines(facts["loads"])],
        figures=[*failing_checks(checks(context)), publications(facts["publications"])],
        missing=missing,
    )


def _audit_headlines(context: Context) -> list[Headline]:
    found = checks(context)
    audits = context.published.facts["audits"]
    if not audits:
        return []
    passed = sum(check["outcome"] == "passed" for check in found)
    return [
        Headline(
            label=_("Checks passed"),
            metric="ops.audits.checks",
            unit="count",
            estimate=Estimate(float(passed), None, None, len(found)),
            observed=_("checks"),
            sentence=_(
                "Verdict: {verdict}, {moment}. A critical failure or a check that crashed keeps a build from its "
                "readers.",
                verdict=_(audits[0]["verdict"].replace("_", " ")),
                moment=wording.moment(audits[0]["audited_at"]),
            ),
            definition=None,
            uncertainty=_(FULL_COUNT),
        )
    ]


def _record_headlines(loads: list[Row]) -> list[Headline]:
    records, aside, filtered = (total(loads, column) for column in ("records", "quarantined", "filtered"))
    unread = total(loads, "rejected") + total(loads, "refused")
    share_aside = aside / records if records else None
    return [
        Headline(
            label=_("Records set aside"),
            metric="ops.loads.quarantined",
            unit="share",
            estimate=Estimate(share_aside, None, None, records),
            observed=_("records delivered"),
            sentence=_(
                "{records} in quarantine, {filtered:,} left out by a stated rule, {loaded:,} loaded: together all of "
                "them.",
                records=wording.count(aside, "record"),
                filtered=filtered,
                loaded=total(loads, "loaded"),
            ),
            definition=None,
            missing="" if records else _("no records were delivered"),
            uncertainty=_(FULL_COUNT),
        ),
        Headline(
            label=_("Files not taken"),
            metric="ops.loads.state",
            unit="count",
            estimate=Estimate(float(unread), None, None, total(loads, "files")),
            observed=_("files"),
            sentence=_(
                "{files} could not be read, {rejected:,} failed their own checks; no row of them is in the marts.",
                files=wording.count(total(loads, "refused"), "file"),
                rejected=total(loads, "rejected"),
            ),
            definition=None,
            uncertainty=_(FULL_COUNT),
        ),
    ]


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    loads, reasons, problems = (context.of(name, brand) for name in ("loads", "reasons", "problems"))
    people = context.of("known_people", brand)
    missing = []
    if not loads:
        missing.append(_("No loads: the ledger holds no file of this brand for this build."))
    if not people:
        missing.append(_("No touchpoints: nothing was delivered that is a meeting with a customer."))
    figures = [freshness(context.of("sources", brand), loads, as_of)]
    figures += [_reasons(reasons)] if reasons else []
    figures += [files(problems)] if problems else []
    figures += [_people(context, people)] if people else []
    return Section(brand, as_of, _people_headline(context, people), figures, missing)


def _people_headline(context: Context, rows: list[Row]) -> list[Headline]:
    if not rows:
        return []
    known, touches = total(rows, "known"), total(rows, "touches")
    return [
        Headline(
            label=_("Touchpoints of known people"),
            metric="fct_touchpoints.customer_id",
            unit="share",
            estimate=share(known, touches, context.min_cell),
            observed=_("touchpoints"),
            sentence=_(
                "{known:,} of {touches:,}. The others are counted wherever a figure is not about persons.",
                known=known,
                touches=touches,
            ),
            definition=_PEOPLE,
            missing=context.too_few(share(known, touches, context.min_cell), _("touchpoints")),
        )
    ]


_PEOPLE = Definition("fct_touchpoints", ("customer_id", "channel"), N_("Touchpoints with a person ÷ touchpoints."))


def _people(context: Context, rows: list[Row]) -> Figure:
    shares = [(one_line(row["channel"]), share(row["known"], row["touches"], context.min_cell)) for row in rows]
    points = [dot(f"{label}\nn = {estimate.n:,}", estimate) for label, estimate in shares if estimate.value is not None]
    return Figure(
        slug="known-people",
        title=_("Do we know whom we served?"),
        text=_("Share of touchpoints with a known person, by channel. Figures about persons see only these."),
        alt=_("Bar chart of the share of known people in {channels}.", channels=wording.count(len(points), "channel")),
        draw=partial(charts.dots, points, has_bars=True) if points else None,
        table=Table(
            (Column("channel", _("Channel")), *estimate_columns(_("Touchpoints"))),
            [(label, *cells(estimate)) for label, estimate in shares],
        ),
        definition=_PEOPLE,
    )


def _reasons(rows: list[Row]) -> Figure:
    shown = rows[:SHOWN_REASONS]
    points: list[dict[str, Any]] = [
        {
            "label": f"{one_line(row['reason'])}\n{one_line(row['source'])}, {row['column_name'] or _('record')}",
            "value": row["records"],
            "lower": None,
            "upper": None,
            "text": _("{records:,} {outcome}", records=row["records"], outcome=_(row["outcome"])),
        }
        for row in shown
    ]
    return Figure(
        slug="reasons",
        title=_("Why were records or values not taken?"),
        text=_(
            "Quarantined: set aside when its file came, until a fix. Filtered: left out by a rule of the mapping. "
            "Nulled: the record was taken without the value."
        )
        + (_(" The {shown_reasons} most frequent.", shown_reasons=SHOWN_REASONS) if len(rows) > len(shown) else ""),
        alt=_(
            "Bar chart of {reasons}; most frequent: {reason}, {records}.",
            reasons=wording.count(len(shown), "reason"),
            reason=one_line(rows[0]["reason"]),
            records=wording.count(rows[0]["records"], "record"),
        ),
        draw=partial(charts.dots, points, is_share=False, has_bars=True),
        table=Table(
            (
                Column("source", _("Source")),
                Column("outcome", _("Outcome")),
                Column("column_name", _("Column")),
                Column("reason", _("Reason")),
                Column("records", _("Records"), "count"),
                Column("files", _("Files"), "count"),
            ),
            [
                tuple(row[name] for name in ("source", "outcome", "column_name", "reason", "records", "files"))
                for row in rows
            ],
        ),
    )
