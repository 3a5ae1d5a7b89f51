"""How the staff lives: helpers who come and leave, and courses; and what a warehouse should find of all of it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.threads import CLOSES, OPENS
from touchline.synthetic.voice import agent_employee

HELPERS_PER_STORE, HELPERS_HIRED_DAYS, HELPER_MEAN_DAYS = 4, 56, 150
"""Helpers are hired in the first weeks and leave after so many days on average (exponential); nobody else leaves."""
TRAINING_SHARE, TRAINING_HOURS = 0.30, (4, 8)
"""P(an employee takes a course in 30 days), and how many hours it takes."""
LAST_HIRING_DAY = 28
"""Of a month: so a month later there is such a day."""


@dataclass
class StaffLife:
    """Helpers and courses as export rows, and after how many whole months those helpers who left did so."""

    helpers: list[Row] = field(default_factory=list)
    trainings: list[Row] = field(default_factory=list)
    months_until_left: list[int] = field(default_factory=list)


def live(rng: np.random.Generator, window: world.Window) -> StaffLife:
    """Draw helpers and courses; helpers serve nobody, so that their leaving moves nothing else."""
    life = StaffLife()
    for store in world.STORES:
        for place in range(1, HELPERS_PER_STORE + 1):
            hired = _date(window.start + between(rng, 1, HELPERS_HIRED_DAYS) * world.DAY)
            hired = hired.replace(day=min(hired.day, LAST_HIRING_DAY))
            left = hired + timedelta(days=1 + round(float(rng.exponential(HELPER_MEAN_DAYS))))
            has_left = left < _date(window.stop - world.DAY)
            life.helpers.append(_helper(f"E-{store.location_id}-H{place}", store.location_id, hired, left, has_left))
            if has_left:
                life.months_until_left.append(_whole_months(hired, left))
    staff = [
        f"E-{store.location_id}-{place}" for store in world.STORES for place in range(1, world.EMPLOYEES_PER_STORE + 1)
    ] + [agent_employee(agent) for agent in range(1, world.AGENTS + 1)]
    for first in range(0, window.days - 29, 30):
        for employee in staff:
            if chance(rng, TRAINING_SHARE):
                at = window.start + (first + between(rng, 0, 29)) * world.DAY + between(rng, OPENS, CLOSES)
                life.trainings.append(_training(employee, at, pick(rng, TRAINING_HOURS)))
    return life


def staff_truth(life: StaffLife, moods: list[Row], suggestions: list[Row], window: world.Window) -> dict[str, object]:
    """What is to be found: leaving, and by closed months scores of each store, hours and suggestions."""
    closed = instant(window.stop)[:7]
    scores: dict[str, list[int]] = {}
    for row in moods:
        if row["responded_at"][:7] < closed:
            of_store = scores.setdefault(row["location_id"], [0, 0])
            of_store[0] += 1
            of_store[1] += int(row["score"])
    return {
        "helpers": len(life.helpers),
        "left_after_months": sorted(life.months_until_left),
        "scores": scores,
        "training_hours": sum(int(row["hours"]) for row in life.trainings if row["completed_at"][:7] < closed),
        "suggestions": sum(bool(row.get("employee_id")) and row["submitted_at"][:7] < closed for row in suggestions),
    }


def _helper(employee_id: str, location_id: str, hired: date, left: date, has_left: bool) -> Row:
    known = left if has_left else hired
    return {
        "employee_id": employee_id,
        "valid_from": hired.isoformat(),
        "location_id": location_id,
        "role": "helper",
        "hired_on": hired.isoformat(),
        "left_on": left.isoformat() if has_left else "",
        "is_executive": flag(False),
        "source_updated_at": f"{known.isoformat()}T06:00:00Z",
        "is_deleted": flag(False),
    }


def _training(employee_id: str, at: int, hours: int) -> Row:
    return {
        "employee_id": employee_id,
        "course_code": f"C{hours}",
        "completed_at": instant(at),
        "hours": number(hours),
        "source_updated_at": instant(at),
        "is_deleted": flag(False),
    }


def _whole_months(since: date, until: date) -> int:
    """How often the day of the month comes round again."""
    days = (since + timedelta(days=count) for count in range(1, (until - since).days + 1))
    return sum(one.day == since.day for one in days)


def _date(epoch: int) -> date:
    return datetime.fromtimestamp(epoch, UTC).date()
