"""Order, splitting, repetition and failure do not matter: incremental = full refresh = a small model in plain Python.

`TOUCHLINE_PATHS=200 pytest tests/model` walks two hundred random paths instead of the fixed few (docs/testing.md).
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from support.journey import CLOCKS, Journey
from support.world import SNAPSHOTS
from support.world_records import AS_OF, RECORDS

PATHS = int(os.environ.get("TOUCHLINE_PATHS", "0"))
STEPS = int(os.environ.get("TOUCHLINE_STEPS", "5"))
VERSION, NUMBER = st.integers(1, 12), st.integers(0, 99)
PLACES = sorted(RECORDS)
BREAKS = [
    {"stop_after": "stage"},
    {"stop_after": "resolve"},
    {"stop_after": "model"},
    {"without": "stg_crm__cases"},
    {"without": "int_call_legs"},
    {"without": "fct_transactions"},
    {"without": "int_touch_episodes"},
    {"without": "fct_episodes"},
    {"without": "int_first_contacts"},
    {"without": "rpt_contact_center_intervals"},
]


def some_rows(place: tuple[str, str], at_least: int = 1) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(VERSION, RECORDS[place]()), min_size=at_least, max_size=5)


def delivery(places: list[tuple[str, str]], name: str = "deliver") -> st.SearchStrategy[Any]:
    return st.sampled_from(places).flatmap(lambda place: st.tuples(st.just(name), st.just(place), some_rows(place)))


def correction() -> st.SearchStrategy[Any]:
    places = [place for place in PLACES if place not in SNAPSHOTS]
    return st.sampled_from(places).flatmap(
        lambda place: st.tuples(st.just("correct"), st.just(place), NUMBER, NUMBER, RECORDS[place]())
    )


CHANGES = st.lists(
    st.one_of(
        delivery(PLACES),
        delivery(PLACES),
        correction(),
        correction(),
        st.tuples(st.just("delete"), NUMBER, NUMBER),
        st.tuples(st.just("redeliver"), NUMBER),
        st.tuples(st.just("repeat"), NUMBER, st.integers(1, 5)),
        delivery(sorted(SNAPSHOTS), "older_snapshot"),
        st.tuples(st.just("toggle"), NUMBER, st.booleans()),
        st.tuples(st.just("advance"), st.sampled_from(sorted(CLOCKS)), AS_OF),
    ),
    min_size=1,
    max_size=5,
)


def change(journey: Journey, kind: str, *told: Any) -> None:
    """One thing that happens to what is delivered."""
    if kind == "deliver":
        journey.deliver(*told[0], told[1])
    elif kind == "older_snapshot":
        journey.deliver_older_snapshot(*told[0], told[1])
    elif kind == "advance":
        journey.advance(*told)
    elif kind == "correct":
        place, which, number, row = told
        loads = [load for load in journey.loads if (load.source, load.export) == place]
        journey.correct(loads[which % len(loads)], number, row)
    else:
        load = journey.loads[told[0] % len(journey.loads)]
        if kind == "delete":
            journey.delete(load, told[1])
        elif kind == "redeliver":
            journey.redeliver(load)
        elif kind == "repeat":
            journey.deliver_again(load, lambda rows: rows[::-1][: told[1]])
        else:
            journey.toggle(load, answered=told[1])


class Warehouse(RuleBasedStateMachine):
    """Each step is what happened since the last one, and what is asked of the warehouse then."""

    empty: Any

    @initialize(as_of=AS_OF, rows=st.tuples(*(some_rows(place, 2) for place in PLACES)), is_published=st.booleans())
    def begin(self, as_of: Any, rows: Any, is_published: bool) -> None:
        self.is_sound, self.failures = False, 0
        self.journey = Journey(self.empty, as_of)
        for place, own in zip(PLACES, rows, strict=True):
            self.journey.deliver(*place, own)
        self.journey.build(publish=is_published)
        self.is_sound = True

    @rule(changes=CHANGES, after=CHANGES, is_published=st.sampled_from([True, True, False]))
    def build(self, changes: Any, after: Any, is_published: bool) -> None:
        """`after` comes while the build is under way."""
        self._change(changes)
        self._build(publish=is_published, meanwhile=lambda: self._change(after))

    @rule(changes=CHANGES)
    def build_and_publish(self, changes: Any) -> None:
        self._change(changes)
        self._build(publish=True)

    @precondition(lambda self: self.failures < 2)
    @rule(changes=CHANGES, fault=st.sampled_from(BREAKS))
    def build_and_fail(self, changes: Any, fault: dict[str, str]) -> None:
        self._change(changes)
        self.failures += 1
        self.journey.build_and_fail(**fault)

    @precondition(lambda self: self.journey.before is not None)
    @rule(changes=CHANGES)
    def roll_back(self, changes: Any) -> None:
        self._change(changes)
        self.journey.roll_back()

    def teardown(self) -> None:
        if getattr(self, "is_sound", False):
            self._build(publish=True)
            self.journey.check_full()

    def _build(self, **order: Any) -> None:
        self.is_sound = False
        self.journey.build(**order)
        self.is_sound, self.failures = True, 0

    def _change(self, changes: Any) -> None:
        for told in changes:
            change(self.journey, *told)


@pytest.mark.parametrize("profile", ["random" if PATHS else "fixed"])
def test_every_path_gives_what_a_full_refresh_and_the_reference_give(empty_warehouse, profile: str) -> None:
    Warehouse.empty = staticmethod(empty_warehouse)
    # A path costs builds: the first that is wrong is told as it is, not made smaller.
    chosen = settings(
        max_examples=PATHS or 3,
        stateful_step_count=STEPS,
        derandomize=not PATHS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=bool(PATHS),
    )
    run_state_machine_as_test(Warehouse, settings=chosen)
