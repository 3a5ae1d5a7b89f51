"""Word of mouth: what customers write in public, whether it is answered, and whom they bring."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, named, one_line, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

REVIEWS, REFERRALS = "rpt_reviews", "rpt_referrals"
POOLED = N_("Platforms are pooled by summing counts; the interval is Wilson's.")
QUERIES = {
    "reviews": f"""
        select * from {REVIEWS} where period = 'all'
        order by brand, reviews desc, platform collate "C", scale_max, issue_code collate "C"
    """,
    "referrals": f"""
        select * from {REFERRALS} where period = 'all' order by brand, referrals desc, issue_code collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Negative reviews answered in time, and recommendations that brought a customer."""
    return [*_answered(context, brand), *_brought(context, brand)]


def missing(context: Context, brand: str) -> list[str]:
    """Of which of the two nothing was delivered."""
    silent = []
    if not context.of("reviews", brand):
        silent.append(_("No reviews: no source of this brand delivered what customers write in public."))
    if not context.of("referrals", brand):
        silent.append(_("No referrals: no source of this brand delivered who recommends it."))
    return silent


def figures(context: Context, brand: str) -> list[Figure]:
    """Ratings by platform, and what reviews and recommendations followed."""
    rows = context.of("reviews", brand)
    return [_ratings([row for row in rows if row["issue_code"] == "all"]), _causes(context, brand)] if rows else []


def _answered(context: Context, brand: str) -> list[Headline]:
    rows = [row for row in context.of("reviews", brand) if row["issue_code"] == "all"]
    if not rows:
        return []
    answered, judged = total(rows, "negative_answered"), total(rows, "negative_judged")
    estimate = share(answered, judged, context.min_cell)
    return [
        Headline(
            label=_("Negative reviews answered"),
            metric=f"{REVIEWS}.negative_answered_share",
            unit="share",
            estimate=estimate,
            observed=_("negative reviews"),
            sentence=_(
                "{answered:,} of {reviews} were answered within {hours} hours.",
                answered=answered,
                reviews=wording.count(judged, "negative review"),
                hours=rows[0]["answer_hours"],
            ),
            definition=Definition(REVIEWS, ("negative_answered_share", "negative_answered", "negative_judged"), POOLED),
            missing=context.too_few(estimate, _("negative reviews")),
        )
    ]


def _brought(context: Context, brand: str) -> list[Headline]:
    rows = [row for row in context.of("referrals", brand) if row["issue_code"] == "all"]
    if not rows:
        return []
    [row] = rows
    estimate = estimate_of(row, "conversion_share", "judged")
    return [
        Headline(
            label=_("Recommendations that brought a customer"),
            metric=f"{REFERRALS}.conversion_share",
            unit="share",
            estimate=estimate,
            observed=_("referrals"),
            sentence=_(
                "{converted:,} of {referrals} led to a purchase within {days} days; {made:,} were made in all, by "
                "{people}.",
                converted=row["converted"],
                referrals=wording.count(row["judged"], "referral"),
                days=row["conversion_days"],
                made=row["referrals"],
                people=wording.count(row["referrers"], "customer"),
            ),
            definition=Definition(REFERRALS, ("conversion_share", "converted", "judged", "referrals"), ""),
            missing=context.too_few(estimate, _("referrals")),
        )
    ]


def _ratings(rows: list[Row]) -> Figure:
    levels = [(one_line(row["platform"]), estimate_of(row, "mean_rating", "reviews"), row) for row in rows]
    points = [dot(f"{name}\nn = {one.n:,}", one, "number") for name, one, _row in levels if one.value is not None]
    parts = {"negative": _("Negative"), "negative_answered": _("Of these answered in time")}
    return Figure(
        slug="reviews",
        title=_("How do customers rate us in public, and do we answer?"),
        text=_(
            "Mean rating by platform, each on its own scale. Negative is a rating up to {share:.0%} of the scale; its "
            "answer counts within {hours} hours.",
            share=float(rows[0]["negative_up_to"]),
            hours=rows[0]["answer_hours"],
        ),
        alt=_("Dot chart of mean ratings of {platforms}.", platforms=wording.count(len(points), "platform")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("platform", _("Platform")),
                *estimate_columns(_("Reviews"), "number"),
                Column("best", _("Best rating"), "number"),
                *(Column(part, words, "count") for part, words in parts.items()),
                Column("hours", _("Median hours to an answer"), "number"),
            ),
            [
                (
                    name,
                    *cells(one),
                    float(row["scale_max"]),
                    *(row[part] for part in parts),
                    None if row["answer_median_hours"] is None else float(row["answer_median_hours"]),
                )
                for name, one, row in levels
            ],
        ),
        definition=Definition(REVIEWS, ("mean_rating", "negative", "negative_answered", "answer_median_hours"), ""),
    )


def _causes(context: Context, brand: str) -> Figure:
    reviews = [row for row in context.of("reviews", brand) if row["issue_code"] != "all"]
    brought = {row["issue_code"]: row for row in context.of("referrals", brand)}
    issues = sorted({row["issue_code"] for row in reviews})
    levels = [
        (issue, share(total(own, "negative"), total(own, "reviews"), context.min_cell))
        for issue in issues
        if (own := [row for row in reviews if row["issue_code"] == issue])
    ]
    points = [dot(f"{_issue(issue)}\nn = {one.n:,}", one) for issue, one in levels if one.value is not None]
    return Figure(
        slug="reviews-by-issue",
        title=_("After what do customers write badly of us?"),
        text=_(
            "Share of negative reviews by the issue of the writer's last episode, at most {days} days before; all "
            "platforms. The table adds the referrals made after such an episode.",
            days=reviews[0]["episode_days"],
        ),
        alt=_("Dot chart of negative reviews by {issues}.", issues=wording.count(len(points), "issue")),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("issue", _("Last episode")),
                *estimate_columns(_("Reviews")),
                Column("referrals", _("Referrals"), "count"),
            ),
            [
                (_issue(issue), *cells(one), brought[issue]["referrals"] if issue in brought else None)
                for issue, one in levels
            ],
        ),
        definition=Definition(REVIEWS, ("negative_share", "issue_code", "with_episode", "episode_days"), POOLED),
    )


def _issue(code: str) -> str:
    return _("no episode") if code == "none" else named(code)
