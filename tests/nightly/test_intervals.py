"""What is counted as held, and when a coverage is wrong. The worlds themselves are too many for the suite."""

from typing import Any

import pytest
from intervals import Coverage, coverages, table
from planted_figures import FIGURES, Figure
from worlds import World


def worlds(*brands: tuple[str, bool, float]) -> list[World]:
    return [World(brand, has_effects, {"effect": effect}) for brand, has_effects, effect in brands]


EFFECT = Figure("effect", "effect", "", lambda truth: {"all": truth["effect"]}, is_effect=True)


def row(brand: str, lower: float, upper: float, code: str = "all") -> dict[str, Any]:
    return {"brand": brand, "code": code, "lower": lower, "upper": upper}


def test_each_interval_is_held_against_the_parameter_of_its_own_world() -> None:
    """Planted 0.5: held, too low, too high; a code that nothing was planted for is left out. Without effect: 0 held."""
    made = worlds(("a", True, 0.5), ("b", True, 0.5), ("c", True, 0.5), ("d", False, 0.0))
    rows = [row("a", 0.4, 0.6), row("b", 0.1, 0.4), row("c", 0.6, 0.9), row("c", 0.4, 0.6, "none"), row("d", -0.1, 0.1)]
    planted, without = coverages(EFFECT, made, rows)
    assert (planted.intervals, planted.holding, planted.below) == (3, 1, 1)
    assert (without.worlds, without.intervals, without.holding) == ("without effect", 1, 1)


def test_bounds_of_four_decimals_hold_what_lies_on_them() -> None:
    [planted, _] = coverages(EFFECT, worlds(("a", True, 0.40004)), [row("a", 0.3, 0.4)])
    assert planted.holding == 1
    [planted, _] = coverages(EFFECT, worlds(("a", True, 0.4002)), [row("a", 0.3, 0.4)])
    assert planted.holding == 0


@pytest.mark.parametrize(
    ("holding", "is_right"),
    # of 200: Wilson's upper end for 171 is 0.897, for 172 0.901; that of the lower end for 200 is 0.981, for 199 0.972
    [(171, False), (172, True), (190, True), (199, True), (200, False), (0, False)],
)
def test_a_coverage_is_wrong_when_chance_does_not_explain_it(holding: int, is_right: bool) -> None:
    assert Coverage("x", "share", "planted", 200, holding, 0).is_right is is_right


def test_a_figure_without_an_interval_is_wrong_and_told() -> None:
    none = Coverage("x", "share", "planted", 0, 0, 0)
    assert not none.is_right
    assert table([none]).endswith("none  !")


def test_every_figure_has_a_name_of_its_own() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
