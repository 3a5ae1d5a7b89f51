"""Contact centre and staffing: do customers get through, is it solved the first time, are enough people there?"""

from datetime import datetime

from touchline.reports import (
    contact_figures,
    coverage_figures,
    efficiency_figures,
    first_contact,
    place_figures,
    staffing,
    staffing_figures,
    wording,
)
from touchline.reports.breakdowns import LATEST_YEAR
from touchline.reports.contact_figures import DAYS, POOLED, PROFILE_DAYS
from touchline.reports.content import Definition, Headline, Page, Section
from touchline.reports.context import RECENT_DAYS, Context, total
from touchline.reports.published import Row
from touchline.reports.service_levels import service_level
from touchline.reports.statistics import MIN_CLUSTERS, mean_of_days, share
from touchline.reports.words import _

_SUMS = """
    sum(offered)::bigint as offered, sum(answered)::bigint as answered,
    sum(answered_within_threshold)::bigint as answered_within_threshold,
    sum(abandoned_in_queue)::bigint as abandoned_in_queue,
    sum(abandoned_within_threshold)::bigint as abandoned_within_threshold,
    sum(short_abandoned)::bigint as short_abandoned, sum(handled)::bigint as handled,
    sum(answered_queue_seconds)::bigint as answered_queue_seconds, sum(handle_seconds)::bigint as handle_seconds,
    min(service_level_formula) as service_level_formula,
    min(service_level_threshold_seconds) as service_level_threshold_seconds
"""
QUERIES = (
    first_contact.QUERIES
    | staffing.QUERIES
    | coverage_figures.QUERIES
    | place_figures.QUERIES
    | efficiency_figures.QUERIES
    | {
        "contact_days": f"""
        select brand, business_date, {_SUMS} from rpt_contact_center_days
        where is_complete group by brand, business_date order by brand, business_date
    """,
        "contact_queues": f"""
        select brand, queue_id, channel, {_SUMS} from rpt_contact_center_days
        inner join (
            select brand, max(business_date) as last_day from rpt_contact_center_days where is_complete group by brand
        ) as latest using (brand)
        where is_complete and business_date > last_day - {RECENT_DAYS}
        group by brand, queue_id, channel
        order by brand, sum(offered) desc, queue_id collate "C" nulls last, channel collate "C"
    """,
        "contact_queue_months": f"""
        select brand, queue_id, channel, cast(date_trunc('month', business_date) as date) as period_month, {_SUMS}
        from rpt_contact_center_days
        inner join (
            select brand, max(date_trunc('month', business_date)) as last_month
            from rpt_contact_center_days where is_complete group by brand
        ) as latest using (brand)
        where is_complete and business_date >= last_month - {LATEST_YEAR} + interval '1 month'
        group by brand, queue_id, channel, date_trunc('month', business_date)
        order by brand, queue_id collate "C" nulls last, channel collate "C", date_trunc('month', business_date)
    """,
        "contact_intervals": f"""
        select brand, source, interval_start_at, sum(offered)::bigint as offered from rpt_contact_center_intervals
        inner join (
            select brand, max(interval_start_at) as last_start_at
            from rpt_contact_center_intervals where is_complete group by brand
        ) as latest using (brand)
        where is_complete and interval_start_at > last_start_at - interval '{PROFILE_DAYS} days'
        group by brand, source, interval_start_at order by brand, interval_start_at, source
    """,
    }
)


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="contact-centre",
        name=_("Contact centre and staffing"),
        title=_("Do customers get through, is it solved the first time, and are enough people there?"),
        lead=_(
            "Waiting, answering, coming back about the same matter, and the staff beside the demand, from the contact "
            "centre's own records. Headline figures cover the latest {recent_days} complete days of each brand, "
            "charts all of them.",
            recent_days=RECENT_DAYS,
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def service_level_headlines(context: Context, brand: str) -> list[Headline]:
    """The service level of the latest complete days; none without such a day."""
    days = _recent_days(context, brand)
    if not days:
        return []
    formula, seconds = days[0]["service_level_formula"], days[0]["service_level_threshold_seconds"]
    estimate = service_level(days, formula, context.min_cell)
    answered = total(days, "answered_within_threshold")
    first, last = days[0]["business_date"], days[-1]["business_date"]
    return [
        Headline(
            label=_("Service level"),
            metric=f"{DAYS}.service_level",
            unit="share",
            estimate=estimate,
            observed=_("contacts"),
            sentence=_(
                "{answered:,} of {contacts} that asked for an agent had one within {seconds} seconds, {first} to "
                "{last}.",
                answered=answered,
                contacts=wording.count(total(days, "offered"), "contact"),
                seconds=seconds,
                first=wording.day(first),
                last=wording.day(last),
            ),
            definition=Definition(DAYS, ("service_level", f"service_level_{formula}", "offered"), POOLED),
            missing=context.too_few(estimate, _("contacts")),
            page="contact-centre",
        )
    ]


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    missing = []
    if not context.of("contact_days", brand):
        missing.append(_("No calls: no source of this brand delivered a complete day of contact-centre records."))
    if not context.of("first_contacts", brand):
        missing.append(
            _(
                "No first-contact resolution: no first contact of a known person about a known issue has a closed "
                "window."
            )
        )
    missing += efficiency_figures.missing(context, brand) + staffing.missing(context, brand)
    missing += coverage_figures.missing(context, brand) + place_figures.missing(context, brand)
    days = _recent_days(context, brand)
    headlines = [
        *service_level_headlines(context, brand),
        *first_contact.headlines(context, brand),
        *efficiency_figures.headlines(context, brand),
        *([_abandonment(context, days), _answer(context, days), _handling(context, days)] if days else []),
        *staffing.headlines(context, brand),
        *coverage_figures.headlines(context, brand),
        *place_figures.headlines(context, brand),
    ]
    figures = [
        *contact_figures.figures(context, brand),
        *staffing_figures.figures(context, brand),
        *first_contact.figures(context, brand),
        *coverage_figures.figures(context, brand),
        *place_figures.figures(context, brand),
        *efficiency_figures.figures(context, brand),
    ]
    return Section(brand, as_of, headlines, figures, missing)


def _abandonment(context: Context, days: list[Row]) -> Headline:
    abandoned, offered = total(days, "abandoned_in_queue"), total(days, "offered")
    estimate = share(abandoned, offered, context.min_cell)
    return Headline(
        label=_("Gave up waiting"),
        metric=f"{DAYS}.abandonment_share",
        unit="share",
        estimate=estimate,
        observed=_("contacts"),
        sentence=_(
            "{contacts} of {offered:,} left the queue before an agent answered.",
            contacts=wording.count(abandoned, "contact"),
            offered=offered,
        ),
        definition=Definition(DAYS, ("abandonment_share", "abandoned_in_queue", "offered"), POOLED),
        missing=context.too_few(estimate, _("contacts")),
    )


def _answer(context: Context, days: list[Row]) -> Headline:
    columns = ("average_speed_of_answer_seconds", "answered_queue_seconds", "answered")
    sentence = _("Mean time in the queue of those who were answered.")
    return _mean(context, days, _("Speed of answer"), columns, sentence)


def _handling(context: Context, days: list[Row]) -> Headline:
    columns = ("average_handle_seconds", "handle_seconds", "handled")
    return _mean(context, days, _("Handle time"), columns, _("Mean of talking, holding and the work after it."))


def _mean(context: Context, days: list[Row], label: str, columns: tuple[str, str, str], sentence: str) -> Headline:
    mean, seconds, contacts = columns
    estimate = mean_of_days(((row[seconds], row[contacts]) for row in days), context.min_cell)
    has_interval = estimate.lower is not None
    return Headline(
        label=label,
        metric=f"{DAYS}.{mean}",
        unit="seconds",
        estimate=estimate,
        observed=_("answered contacts"),
        sentence=sentence,
        definition=Definition(
            DAYS,
            columns,
            _(
                "Pooled over all queues and the days named. The interval takes the days as clusters (ratio estimate "
                "by linearisation, Cochran 1977)."
            ),
        ),
        missing=context.too_few(estimate, _("contacts")),
        uncertainty=""
        if has_interval
        else _("No interval: fewer than {min_clusters} days with contacts", min_clusters=MIN_CLUSTERS),
    )


def _recent_days(context: Context, brand: str) -> list[Row]:
    days = context.of("contact_days", brand)
    return [row for row in days if (days[-1]["business_date"] - row["business_date"]).days < RECENT_DAYS]
