"""Whether the practice of recognised employees spreads to their peers, for the page on people."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, number, one_line
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_role_models"
SHOWN = 12
"""Practices of a chart, the most recognised first."""

REASONS = {
    "not_placed": N_("nobody recognised serves at a known place"),
    "window_open": N_("the weeks after are not over"),
    "not_measured": N_("too few looks at peers"),
    "no_unit_without": N_("no place is without a role model"),
    "too_few_units": N_("too few places"),
}
SHARES = {
    "peers_before": N_("Peers before"),
    "peers_after": N_("Peers after"),
    "others_before": N_("Elsewhere before"),
    "others_after": N_("Elsewhere after"),
}
SIDES = {"before": N_("Own before"), "chosen": N_("Own when chosen"), "after": N_("Own after")}
OWN = {"own_change": N_("Own change"), "own_change_lower": N_("95 % from"), "own_change_upper": N_("95 % to")}
QUERIES = {
    "role_models": 'select * from rpt_role_models order by brand, recognitions desc, practice collate "C"',
}


def missing(context: Context, brand: str) -> list[str]:
    """What cannot be told of role models, and why."""
    rows = context.of("role_models", brand)
    if not rows:
        return [_("No role models: no source of this brand delivered recognitions (crm recognitions).")]
    unknown = [
        _("{name} ({reason})", name=_name(row), reason=_(REASONS[row["uncompared_because"]]))
        for row in rows
        if row["uncompared_because"]
    ]
    return [_("Practices whose spread cannot be told: {names}.", names=wording.listing(unknown))] if unknown else []


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many practices peers took up beyond chance."""
    known = [row for row in context.of("role_models", brand) if row["effect"] is not None]
    if not known:
        return []
    spread = sum(row["is_clear"] and row["effect"] > 0 for row in known)
    return [
        Headline(
            label=_("Practices that spread from a role model"),
            metric=f"{MART}.is_clear",
            unit="count",
            estimate=Estimate(float(spread), None, None, len(known)),
            observed=_("practices compared"),
            sentence=_(
                "Of {practices} for which somebody was recognised, {spread:,} were clearly kept more often by peers "
                "afterwards, beyond the same at places without. Not clear is not nil: its interval says how strong it "
                "may be.",
                practices=wording.count(len(known), "practice"),
                spread=spread,
            ),
            definition=Definition(MART, ("is_clear", "effect", "comparison_window_weeks"), ""),
            uncertainty=_("No interval: practices are counted"),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The practices; nothing where no recognition was delivered."""
    rows = context.of("role_models", brand)
    return [_practices(rows, context.min_cell)] if rows else []


def _practices(rows: list[Row], min_cell: int) -> Figure:
    shown = [row for row in rows if row["effect"] is not None][:SHOWN]
    points = [
        dot(_("{name}\nn = {n:,} places", name=_name(row), n=_estimate(row).n), _estimate(row), "share")
        for row in shown
    ]
    return Figure(
        slug="role-models",
        title=_("Does a role model's practice spread?"),
        text=_(
            "How often peers of the recognised kept the practice in the {weeks} after less in as many before, beyond "
            "the same at places without a recognition of it. The {chosen} up to it count in neither: who is chosen for "
            "good weeks falls back to what is usual for them, and who was not chosen rises. The recognised themselves "
            "are not among the peers; their own change, in the table, is no effect of the recognition.",
            weeks=wording.count(rows[0]["comparison_window_weeks"], "week"),
            chosen=wording.count(rows[0]["recognition_weeks"], "week"),
        ),
        alt=_(
            "Dot chart of the change of peers beyond that of others, {practices}.",
            practices=wording.count(len(points), "practice"),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("practice", _("Practice")),
                Column("recognitions", _("Recognitions"), "count"),
                Column("role_models", _("Role models"), "count"),
                Column("units", _("Places recognised"), "count"),
                *estimate_columns(_("Places compared")),
                *(Column(name, _(label), "share") for name, label in SHARES.items()),
                Column("looks", _("Looks at peers"), "count"),
                *(Column(f"own_{side}", _(label), "share") for side, label in SIDES.items()),
                *(Column(name, _(label), "share") for name, label in OWN.items()),
                Column("own_looks", _("Looks at the recognised"), "count"),
                Column("reason", _("Why no effect")),
            ),
            [_line(row, min_cell) for row in rows],
        ),
        definition=Definition(MART, ("effect", "units_compared", "units_without", "own_change"), ""),
    )


def _line(row: Row, min_cell: int) -> tuple[object, ...]:
    own = {side: share(row[f"own_kept_{side}"], row[f"own_looks_{side}"], min_cell) for side in SIDES}
    return (
        _name(row),
        row["recognitions"],
        row["role_models"],
        row["units_recognised"],
        *cells(_estimate(row)),
        *(number(row[name]) for name in SHARES),
        row["peer_looks"],
        *(estimate.value for estimate in own.values()),
        *(number(row[name]) for name in OWN),
        sum(estimate.n for estimate in own.values()),
        _(REASONS.get(row["uncompared_because"], "")),
    )


def _estimate(row: Row) -> Estimate:
    return estimate_of(row | {"units": row["units_compared"] + row["units_without"]}, "effect", "units")


def _name(row: Row) -> str:
    return one_line(row["standard_code"] or _("no practice named"))
