"""The contact centre's staff: the roster of the latest weeks, who did not come, and what the others did meanwhile."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.voice import agent_employee

SITE = "CC1"
"""Where agents work; not a place that sells."""

WORDS = {"handling": ("talking", "wrap_up"), "idle": ("available",), "away": ("break",)}
"""The system's own words for what the seed of the marts calls handling, idle and away."""


@dataclass
class Staffing:
    """Agents, their shifts and their states as export rows, with the seconds planted."""

    agents: list[Row] = field(default_factory=list)
    shifts: list[Row] = field(default_factory=list)
    states: list[Row] = field(default_factory=list)
    seconds: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("handling", "idle", "away", "rostered", "missing"), 0)
    )
    shifts_missed: int = 0
    by_hour: dict[str, int] = field(default_factory=dict)
    """Seconds present (handling or idle) by hour of the day, UTC."""


def staff_centre(rng: np.random.Generator, window: world.Window) -> Staffing:
    """Roster every agent on five days of seven, early or late; some do not come, the others work as it comes."""
    staffing = Staffing(agents=[_agent(number, window) for number in range(1, world.AGENTS + 1)])
    first = max(0, window.days - world.STAFFED_DAYS)
    for day in range(first, window.days):
        for agent in range(1, world.AGENTS + 1):
            if (day + agent) % 7 < 5:
                starts = window.start + day * world.DAY + pick(rng, world.SHIFT_STARTS)
                _roster(staffing, rng, agent, starts)
    return staffing


def _agent(number: int, window: world.Window) -> Row:
    return {
        "agent_id": f"a{number:02d}",
        "employee_id": agent_employee(number),
        "team": f"team_{1 + number % 3}",
        "source_updated_at": instant(window.start),
        "is_deleted": flag(False),
    }


def _roster(staffing: Staffing, rng: np.random.Generator, agent: int, starts: int) -> None:
    ends = starts + world.SHIFT_SECONDS
    staffing.shifts.append(
        {
            "shift_id": f"SH{len(staffing.shifts) + 1:06d}",
            "employee_id": agent_employee(agent),
            "location_id": SITE,
            "start_at": instant(starts),
            "end_at": instant(ends),
            "source_updated_at": instant(starts),
            "is_deleted": flag(False),
        }
    )
    staffing.seconds["rostered"] += world.SHIFT_SECONDS
    if chance(rng, world.SHIFT_MISSED_SHARE):
        staffing.shifts_missed += 1
        staffing.seconds["missing"] += world.SHIFT_SECONDS
        return
    pause = starts + world.SHIFT_SECONDS // 2
    _work(staffing, rng, agent, starts, pause)
    _state(staffing, rng, agent, "away", pause, pause + world.BREAK_SECONDS)
    _work(staffing, rng, agent, pause + world.BREAK_SECONDS, ends)


def _work(staffing: Staffing, rng: np.random.Generator, agent: int, starts: int, ends: int) -> None:
    """Turns of handling and idling, each exponential; the first is drawn as often as it takes time."""
    activity = "handling" if chance(rng, world.OCCUPANCY) else "idle"
    while starts < ends:
        share = world.OCCUPANCY if activity == "handling" else 1 - world.OCCUPANCY
        lasts = 1 + round(float(rng.exponential(world.TURN_SECONDS * share)))
        _state(staffing, rng, agent, activity, starts, min(starts + lasts, ends))
        starts += lasts
        activity = "idle" if activity == "handling" else "handling"


def _state(staffing: Staffing, rng: np.random.Generator, agent: int, activity: str, starts: int, ends: int) -> None:
    staffing.states.append(
        {
            "agent_id": f"a{agent:02d}",
            "start_at": instant(starts),
            "state": WORDS[activity][between(rng, 0, len(WORDS[activity]) - 1)],
            "end_at": instant(ends),
            "is_productive": flag(activity != "away"),
            "source_updated_at": instant(ends),
            "is_deleted": flag(False),
        }
    )
    staffing.seconds[activity] += ends - starts
    while activity != "away" and starts < ends:
        stop = min(ends, (starts // world.HOUR + 1) * world.HOUR)
        hour = instant(starts)[11:13]
        staffing.by_hour[hour] = staffing.by_hour.get(hour, 0) + stop - starts
        starts = stop
