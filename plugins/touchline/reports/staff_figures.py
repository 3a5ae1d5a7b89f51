"""The employee flywheel: how the staff feels, learns, proposes, may act and stays; teams, never single employees."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row

FLYWHEEL, SURVIVAL = "rpt_employee_flywheel", "rpt_employee_survival"
TOLD = {
    "leavers": "who left",
    "asked": "surveys of employees (crm survey_responses of type employee)",
    "suggestions": "suggestions of employees (crm suggestions)",
    "training_hours": "courses (crm trainings)",
    "closers_known": "recoveries (crm recoveries)",
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
        return ["No employee flywheel: no source of this brand tells who is employed (pos employees)."]
    absent = [words for name, words in TOLD.items() if rows[0][name] is None]
    return [f"Not known of the staff: {wording.listing(absent)}."] if absent else []


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many stay, and how the staff feels."""
    found = []
    seen = [row for row in context.of("employee_survival", brand) if row["survival"] is not None]
    if seen:
        last = seen[-1]
        found.append(
            Headline(
                label="Employees who stay",
                metric=f"{SURVIVAL}.survival",
                unit="share",
                estimate=estimate_of(last, "survival", "at_risk"),
                observed="employees seen so long",
                sentence=f"Of those employed since the data begin or hired later, still here after "
                f"{wording.count(last['duration_months'], 'month')} or more, by Kaplan-Meier.",
                definition=Definition(SURVIVAL, ("survival", "at_risk", "events"), ""),
                uncertainty=""
                if last["survival_lower"] is not None
                else "No interval: no one has left, or everyone has",
            )
        )
    rows = _everybody(context, brand)
    if rows and rows[0]["answers"]:
        mood = estimate_of(rows[0], "mood_mean", "answers")
        found.append(
            Headline(
                label="How the staff feels",
                metric=f"{FLYWHEEL}.mood_mean",
                unit="number",
                estimate=mood,
                observed="answers",
                sentence=f"Mean score of employees over closed months; {rows[0]['answers']:,} of "
                f"{wording.count(rows[0]['asked'], 'survey')} were answered. The interval counts employees.",
                definition=Definition(FLYWHEEL, ("mood_mean", "answer_share"), ""),
                missing=context.too_few(mood, "answers"),
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
            "panel": "all employees",
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
        title="Do our people stay?",
        text="Share still employed after so many months, since hiring or, for whoever was here before, since the data "
        "begin: who had left by then is in no export. Who is still here counts for as long as they were seen.",
        alt=f"Curve over {wording.count(len(seen), 'duration')}, "
        + spread(estimate_of(row, "survival", "at_risk") for row in seen)
        + ".",
        draw=partial(charts.curves, points, x_title="Months", columns=1) if points else None,
        table=Table(
            (
                Column("months", "Months", "count"),
                *estimate_columns("Seen so long"),
                Column("events", "Left", "count"),
                Column("censored", "Still here", "count"),
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
    points = [dot(f"{_name(row)}\nn = {e.n:,} answers", e, "number") for row, e in shown if e.value is not None]
    return Figure(
        slug="employee-flywheel",
        title="Does the flywheel turn for those who serve?",
        text="Mean score of the survey of employees, by location in the order of their keys: nobody is ranked, and no "
        "single employee is shown. The table has tenure, leaving, suggestions, training and what the first employee "
        "put right alone. That figures of a team go together shows no cause.",
        alt=f"Dot chart of the survey of employees in {wording.count(len(points), 'team')}.",
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("team", "Location"),
                *estimate_columns("Answers", "number"),
                Column("answer_share", "Surveys answered", "share"),
                Column("employees", "Employees", "count"),
                Column("tenure_mean", "Mean tenure, months", "number"),
                Column("leavers", "Left", "count"),
                Column("leaving_share", "Left", "share"),
                Column("suggestions", "Suggestions", "count"),
                Column("adopted", "Adopted in time", "count"),
                Column("training_mean", "Training hours an employee", "number"),
                Column("closers_known", "Recoveries", "count"),
                Column("first_share", "Put right by the first", "share"),
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
        ),
        definition=Definition(
            FLYWHEEL, ("mood_mean", "tenure_mean", "leaving_share", "adopted_share", "training_mean", "first_share"), ""
        ),
    )


def _everybody(context: Context, brand: str) -> list[Row]:
    rows = context.of("employee_flywheel", brand)
    return [row for row in rows if row["team"] == "all" and row["period"] == "all"]


def _name(row: Row) -> str:
    return {"all": "all employees", "none": "of no single location"}.get(row["team"]) or one_line(row["team"])


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
