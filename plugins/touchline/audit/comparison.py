"""Checks against the published build: counts, totals and rates within a band, days against their weekday's past."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, text

from touchline.audit.figures import Measured
from touchline.audit.results import Outcome

LIKE_PUBLISHED = "like_published_build"
LIKE_WEEKDAYS = "like_weekdays_before"
TYPES = frozenset({LIKE_PUBLISHED, LIKE_WEEKDAYS})

LEAST_WEEKS, SHOWN_DAYS = 4, 5
_FIELDS = {
    LIKE_PUBLISHED: {"measure", "at_least", "at_most", "min_rows"},
    LIKE_WEEKDAYS: {"measure", "day", "at_least", "at_most", "weeks"},
}

# The last day may be half over: it is judged by the next build, against the half that was published as nothing.
_WEEKDAYS = """
    with edges as materialized (
        select (select max({day}) from {old} as past) as published, (select max({day}) from {fresh} as present) as last
    ),
    fresh as (
        select {day} as day, cast({measure} as double precision) as value from {fresh} as measured
        where {day} >= (select published from edges) and {day} < (select last from edges)
        group by {day}
    ),
    past as (
        select {day} as day, cast({measure} as double precision) as value from {old} as measured
        where
            {day} < (select published from edges)
            and {day} >= (select published from edges) - 7 * cast(:weeks as integer)
        group by {day}
    ),
    judged as (
        select cast(day as date) as day
        from edges, generate_series(edges.published, edges.last - 1, interval '1 day') as days (day)
    )
    select judged.day, coalesce(fresh.value, 0) as value, usual.value as usual
    from judged
    left join fresh on judged.day = fresh.day
    cross join lateral (
        select percentile_cont(0.5) within group (order by past.value) as value, count(*) as weeks
        from past where past.day < judged.day and (judged.day - past.day) % 7 = 0
    ) as usual
    where usual.weeks >= :least_weeks and usual.value > 0
    order by judged.day
"""

_HAS_COLUMN = text("""
    select exists (select from pg_attribute where attrelid = to_regclass(:table) and attname = :column)
""")


@dataclass(frozen=True, slots=True)
class Published:
    """What a build is held against: the schema readers see, or why there is nothing to hold it against."""

    schema: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found; `days` are those out of their band."""

    outcome: Outcome
    observed: str
    days: tuple[str, ...] = ()


def refusal(kind: str, kwargs: Mapping[str, Any]) -> str | None:
    """Why these arguments are none of such a check; None if they are."""
    if unknown := sorted(kwargs.keys() - _FIELDS[kind]):
        return f"unknown: {', '.join(unknown)}"
    needed = {"measure"} | ({"day"} if kind == LIKE_WEEKDAYS else set())
    if missing := sorted(needed - kwargs.keys()):
        return f"missing: {', '.join(missing)}"
    if not kwargs.keys() & {"at_least", "at_most"}:
        return "neither at_least nor at_most is given: there is no band"
    numbers = {name: kwargs[name] for name in kwargs.keys() - {"measure", "day"}}
    if wrong := sorted(name for name, value in numbers.items() if isinstance(value, bool) or not _is_number(value)):
        return f"not a number above 0: {', '.join(wrong)}"
    return None


def judge(kwargs: Mapping[str, Any], fresh: Measured, old: Measured | None) -> Compared:
    """A figure of a mart against the published one's; `old` is None if the published build has no such mart.

    Raises the database's error if the mart cannot be measured, or the published one for another reason than a column
    that it lacks.
    """
    name = kwargs["measure"]
    if name in fresh.failures:
        raise fresh.failures[name]
    if old is None:
        return _alone("the published build has no such mart")
    if failure := old.failures.get(name):
        if isinstance(getattr(failure, "orig", None), psycopg.errors.UndefinedColumn):
            return _alone("the published mart lacks a column of the measure")
        raise failure
    now, before = fresh.figures[name], old.figures[name]
    if old.rows < kwargs.get("min_rows", 1) or not before:
        return _alone("the published mart holds too little")
    if now is None:
        return Compared("failed", f"{name} was {before:g} and is nothing now")
    outcome: Outcome = "passed" if _is_within(now / before, kwargs) else "failed"
    return Compared(outcome, _told(kwargs, now, before, "published"))


def weekdays(connection: Connection, kwargs: Mapping[str, Any], fresh: str, old: str) -> Compared:
    """Each whole day that is new against the median of its weekday; raises the database's error."""
    if not connection.scalar(_HAS_COLUMN, {"table": old, "column": kwargs["day"]}):
        return _alone("the published mart lacks the column of the day")
    query = _WEEKDAYS.format(day=f'"{kwargs["day"]}"', measure=kwargs["measure"], fresh=fresh, old=old)
    values = {"weeks": kwargs.get("weeks", 8), "least_weeks": LEAST_WEEKS}
    rows = connection.execute(text(query), values).all()
    if not rows:
        return _alone(f"no whole day is new, or its weekday has less than {LEAST_WEEKS} weeks of past")
    odd = [row for row in rows if not _is_within(row.value / row.usual, kwargs)]
    if not odd:
        return Compared("passed", f"{len(rows)} new day(s) are like their weekday before")
    told = _told(kwargs, odd[0].value, odd[0].usual, "usual on that weekday")
    days = tuple(str(row.day) for row in odd[:SHOWN_DAYS])
    return Compared("failed", f"{len(odd)} of {len(rows)} new day(s) are odd; {odd[0].day}: {told}", days)


def _is_within(ratio: float, kwargs: Mapping[str, Any]) -> bool:
    return bool(kwargs.get("at_least", 0) <= ratio <= kwargs.get("at_most", float("inf")))


def _told(kwargs: Mapping[str, Any], now: float, before: float, word: str) -> str:
    band = (
        f"{kwargs.get('at_least', 0):g} to {kwargs['at_most']:g}"
        if "at_most" in kwargs
        else (f"at least {kwargs['at_least']:g}")
    )
    return f"{kwargs['measure']} is {now:g}, {now / before:.3g} of the {before:g} {word}; allowed: {band}"


def _alone(reason: str) -> Compared:
    return Compared("passed", f"nothing to compare with: {reason}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0
