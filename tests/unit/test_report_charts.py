"""Charts as SVG: labels of axes and the names that filters find marks by."""

import itertools
import re

import pytest

from touchline.reports import charts
from touchline.reports.svg import to_svg


def texts(svg: str) -> list[str]:
    return re.findall(r">([^<>]+)</t(?:ext|span)>", svg)


@pytest.mark.parametrize(
    ("is_share", "values"),
    [
        # Ticks stand apart by halves, by hundredths, by half a per cent, and by a fifth of one.
        (False, (0.0, 1.5)),
        (False, (0.01, 0.05)),
        (True, (0.50, 0.52)),
        (True, (0.0, 0.01)),
    ],
)
def test_no_two_ticks_bear_the_same_label(is_share: bool, values: tuple[float, float]) -> None:
    """A tick at 50.5 % is not 51 %: labels of an axis are as far apart as its ticks are."""
    rows = [
        {"label": f"name {n}", "value": value, "lower": None, "upper": None, "text": ""}
        for n, value in enumerate(values)
    ]
    for width in (340, 828):
        svg = to_svg(charts.dots(rows, width, is_share=is_share), "x")
        labels = [text for text in texts(svg) if not text.startswith("name")]
        assert len(labels) > 1
        numbers = [float(label.rstrip("%").replace("\u2212", "-")) for label in labels]
        steps = [round(after - before, 6) for before, after in itertools.pairwise(numbers)]
        assert set(steps) == {steps[0]}
        assert steps[0] > 0


def test_marks_bear_the_name_of_their_row() -> None:
    """A dot, its interval, its number and its label; two rows of the same label stay two."""
    row = {"value": 0.5, "lower": 0.4, "upper": 0.6, "text": "50%"}
    rows = [row | {"label": "phone\nn = 9"}, row | {"label": "phone\nn = 9", "name": "other"}]
    svg = to_svg(charts.dots(rows, 828), "x")
    assert svg.count('data-mark="phone"') == svg.count('data-mark="other"') == 4
