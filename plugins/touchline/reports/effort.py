"""Effort, waiting, promises: what does it cost customers to be served, and do we keep our word?"""

from datetime import datetime

from touchline.reports import effort_figures, wording
from touchline.reports.content import Headline, Page, Section
from touchline.reports.context import RECENT_MONTHS, Context, latest, period_of, total
from touchline.reports.headlines import pooled_share
from touchline.reports.words import N_, _

PROMISES, WAITING = "rpt_promises", "rpt_waiting"

QUERIES = effort_figures.QUERIES


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="effort",
        name=_("Effort, waiting, promises"),
        title=_("What does it cost customers to be served, and do we keep our word?"),
        lead=_(
            "Promises with their dates, what waiting callers are told, and what an episode takes of its customer. "
            "Headline figures cover the latest {recent_months} months of each brand that hold any, charts all of them.",
            recent_months=RECENT_MONTHS,
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    absent = {
        "promises_by_month": _("No promises: no source of this brand delivered any that are due."),
        "waiting": _("No waiting: no source of this brand delivered calls that queued."),
        "effort": _("No effort: no episode of a known person is closed."),
        "effort_scores": _("No effort scores: no survey of the second effort score (1 to 7) was sent."),
    }
    headlines = [
        *_kept(context, brand),
        *_told(context, brand, _("Waits as quoted"), "quote_kept_share", "quotes_kept", "quotes_judged"),
        *_told(context, brand, _("Callbacks in time"), "callback_kept_share", "callbacks_kept", "callbacks_due"),
    ]
    missing = [text for query, text in absent.items() if not context.of(query, brand)]
    return Section(brand, as_of, headlines, effort_figures.figures(context, brand), missing)


def _kept(context: Context, brand: str) -> list[Headline]:
    rows = latest(context.of("promises_by_month", brand), month="due_month")
    if not rows:
        return []
    kept, due = total(rows, "kept"), total(rows, "due")
    return [
        pooled_share(
            context,
            PROMISES,
            ("kept_share", "kept", "due"),
            (kept, due),
            label=_("Promises kept"),
            observed=_("promises due"),
            sentence=_(
                "{kept:,} of {promises} due were kept by their date; {late:,} came late, {overdue:,} are overdue "
                "({period}).",
                kept=kept,
                promises=wording.count(due, "promise"),
                late=total(rows, "late"),
                overdue=total(rows, "overdue"),
                period=period_of(rows, "due_month"),
            ),
        )
    ]


def _told(context: Context, brand: str, label: str, measure: str, kept: str, judged: str) -> list[Headline]:
    """A share of what waiting callers were told; none where nobody was told anything of the kind."""
    rows = latest(context.of("waiting", brand), judged)
    if not rows:
        return []
    sentences = {
        "quote_kept_share": N_(
            "{kept:,} of {judged:,} callers who were quoted a wait and answered did not wait longer ({period})."
        ),
        "callback_kept_share": N_(
            "{kept:,} of {judged:,} callers who took a callback were reached in its window ({period})."
        ),
    }
    counts = (total(rows, kept), total(rows, judged))
    return [
        pooled_share(
            context,
            WAITING,
            (measure, kept, judged),
            counts,
            label=label,
            observed=_("calls"),
            sentence=_(sentences[measure], kept=counts[0], judged=counts[1], period=period_of(rows)),
        )
    ]
