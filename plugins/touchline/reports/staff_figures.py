"""The employee flywheel: how the staff feels, learns, proposes, may act and stays; teams, never single employees."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import N_, _

FLYWHEEL, SURVIVAL = "rpt_employee_flywheel", "rpt_employee_survival"
TOLD = {
    "leavers": N_("who left"),
    "asked": N_("surveys of employees (crm survey_responses of type employee)"),
    "suggestions": N_("suggestions of employees (crm suggestions)"),
    "training_hours": N_("courses (crm trainings)"),
    "closers_known": N_("recoveries (crm recoveries)"),
}

QUERIES = {
    "employee_flywheel": """
        select * from rpt_employee_flywheel order by brand, period <> 'all', period, team = 'all', team collate "C"
    """,
    "employee_survival": """
        select * from rpt_employee_survival where team = 'all' order by brand, duration_months
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """What of the flywheel nobody recorded."""
    rows = _everybody(context, brand)
    if not rows:
        return [_("No employee flywheel: no source of this brand tells who is employed (pos employees).")]
    absent = [_(words) for name, words in TOLD.items() if rows[0][name] is None]
    return [_("Not known of the staff: {names}.", names=wording.listing(absent))] if absent else []


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many stay, and how the staff feels."""
    found = []
    seen = [row for row in context.of("employee_survival", brand) if row["survival"] is not None]
    if seen:
        last = seen[-1]
        found.append(
            Headline(
                label=_("Employees who stay"),
                metric=f"{SURVIVAL}.survival",
                unit="share",
                estimate=estimate_of(last, "survival", "at_risk"),
                observed=_("employees seen so long"),
                sentence=_(
                    "Of those employed since the data begin or hired later, still here after {months} or more, by "
                    "Kaplan-Meier.",
                    months=wording.count(last["duration_months"], "month"),
                ),
                definition=Definition(SURVIVAL, ("survival", "at_risk", "events"), ""),
                uncertainty=""
                if last["survival_lower"] is not None
                else _("No interval: no one has left, or everyone has"),
            )
        )
    rows = _everybody(context, brand)
    if rows and rows[0]["answers"]:
        mood = estimate_of(rows[0], "mood_mean", "answers")
        found.append(
            Headline(
                label=_("How the staff feels"),
                metric=f"{FLYWHEEL}.mood_mean",
                unit="number",
                estimate=mood,
                observed=_("answers"),
                sentence=_(
                    "Mean score of employees over closed months; {answers:,} of {surveys} were answered. The interval "
                    "counts employees.",
                    answers=rows[0]["answers"],
                    surveys=wording.count(rows[0]["asked"], "survey"),
                ),
                definition=Definition(FLYWHEEL, ("mood_mean", "answer_share"), ""),
                missing=context.too_few(mood, _("answers")),
            )
        )
    return found


def figures(context: Context, brand: str) -> list[Figure]:
    """The curve, then teams side by side in the order of their keys."""
    found = []
    if curve := context.of("employee_survival", brand):
        found.append(_staying(curve))
    teams = [row for row in context.of("employee_flywheel", brand) if row["period"] == "all"]
    return [*found, _teams(teams)] if teams else found


def _staying(rows: list[Row]) -> Figure:
    seen = [row for row in rows if row["survival"] is not None]
    points = [
        {
            "panel": _("all employees"),
            "order": 0,
            "reference": False,
            "x": row["duration_months"],
            "value": float(row["survival"]),
            "lower": _number(row["survival_lower"]),
            "upper": _number(row["survival_upper"]),
        }
        for row in seen
    ]
    return Figure(
        slug="employees-staying",
        title=_("Do our people stay?"),
        text=_(
            "Share still employed after so many months, since hiring or, for whoever was here before, since the data "
            "begin: who had left by then is in no export. Who is still here counts for as long as they were seen."
        ),
        alt=_(
            "Curve over {durations}, {spread}.",
            durations=wording.count(len(seen), "duration"),
            spread=spread(estimate_of(row, "survival", "at_risk") for row in seen),
        ),
        draw=partial(charts.curves, points, x_title=_("Months"), columns=1) if points else None,
        table=Table(
            (
                Column("months", _("Months"), "count"),
                *estimate_columns(_("Seen so long")),
                Column("events", _("Left"), "count"),
                Column("censored", _("Still here"), "count"),
            ),
            [
                (
                    row["duration_months"],
                    *cells(estimate_of(row, "survival", "at_risk")),
                    row["events"],
                    row["censored"],
                )
                for row in rows
            ],
        ),
        definition=Definition(SURVIVAL, ("survival", "at_risk", "events", "censored"), ""),
    )


def _teams(rows: list[Row]) -> Figure:
    shown = [(row, estimate_of(row, "mood_mean", "answers")) for row in rows if row["answers"] is not None]
    points = [
        dot(_("{name}\nn = {n:,} answers", name=_name(row), n=e.n), e, "number")
        for row, e in shown
        if e.value is not None
    ]
    return Figure(
        slug="employee-flywheel",
        title=_("Does the flywheel turn for those who serve?"),
        text=_(
            "Mean score of the survey of employees, by location in the order of their keys: nobody is ranked, and no "
            "single employee is shown. The table has tenure, leaving, suggestions, training and what the first "
            "employee put right alone. That figures of a team go together shows no cause."
        ),
        alt=_("Dot chart of the survey of employees in {teams}.", teams=wording.count(len(points), "team")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("team", _("Location")),
                *estimate_columns(_("Answers"), "number"),
                Column("answer_share", _("Surveys answered"), "share"),
                Column("employees", _("Employees"), "count"),
                Column("tenure_mean", _("Mean tenure, months"), "number"),
                Column("leavers", _("Left"), "count"),
                Column("leaving_share", _("Left"), "share"),
                Column("suggestions", _("Suggestions"), "count"),
                Column("adopted", _("Adopted in time"), "count"),
                Column("training_mean", _("Training hours an employee"), "number"),
                Column("closers_known", _("Recoveries"), "count"),
                Column("first_share", _("Put right by the first"), "share"),
            ),
            [
                (
                    _name(row),
                    *((None,) * 4 if row["answers"] is None else cells(estimate_of(row, "mood_mean", "answers"))),
                    _number(row["answer_share"]),
                    row["employees"],
                    _number(row["tenure_mean"]),
                    row["leavers"],
                    _number(row["leaving_share"]),
                    row["suggestions"],
                    row["adopted"],
                    _number(row["training_mean"]),
                    row["closers_known"],
                    _number(row["first_share"]),
                )
                for row in rows
            ],
            # All of them are of no unit.
            {"unit": [row["team"] if row["team"] == "all" else _name(row) for row in rows]},
        ),
        definition=Definition(
            FLYWHEEL, ("mood_mean", "tenure_mean", "leaving_share", "adopted_share", "training_mean", "first_share"), ""
        ),
    )


def _everybody(context: Context, brand: str) -> list[Row]:
    rows = context.of("employee_flywheel", brand)
    return [row for row in rows if row["team"] == "all" and row["period"] == "all"]


def _name(row: Row) -> str:
    return {"all": _("all employees"), "none": _("of no single location")}.get(row["team"]) or one_line(row["team"])


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
