"""One channel, queue or segment chosen: its rows, its chart in the place of that of all, its rows in the file."""

import csv
from pathlib import Path
from typing import Any

import pytest
from marts_by_hand import FULL, HOSTILE_CHANNEL, HOSTILE_ISSUE
from playwright.sync_api import Browser, Locator, Page
from test_report_filters import rows
from test_report_pages import opened

FIRST, ISSUES = f"contact-centre-{FULL}-first-contact-resolution", f"contact-centre-{FULL}-issues"
CHANNELS, GRID = f"contact-centre-{FULL}-first-contact-channels", f"contact-centre-{FULL}-queue-months"
QUEUES, TOLD, QUOTED = (
    f"contact-centre-{FULL}-queues",
    f"effort-{FULL}-told-and-untold",
    f"effort-{FULL}-waits-as-quoted",
)


def chart(page: Page, figure: str) -> Locator:
    """The drawing of the width that is shown; a figure never shows two."""
    shown = page.locator(f"#{figure} .chart:not([hidden]) .wide svg")
    assert shown.count() == 1
    return shown


def written(page: Page, figure: str) -> list[str]:
    """Every line that is written in the drawing and not hidden."""
    return (
        chart(page, figure)
        .locator("text:not(.off)")
        .evaluate_all(  # type: ignore[no-any-return]
            "nodes => nodes.flatMap(node => node.children.length ? [...node.children] : [node])"
            ".map(line => line.textContent)"
        )
    )


def table(page: Page, figure: str) -> list[list[str]]:
    """Cells of the rows that are shown."""
    return page.locator(f"#{figure} tbody tr:not(.off)").evaluate_all(  # type: ignore[no-any-return]
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )


def choose(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).select_option(value)


def file(site: Path, figure: str) -> list[dict[str, Any]]:
    with (site / "data" / f"{figure}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_without_a_choice_the_chart_is_that_of_all_and_its_rows_stand_first(browser: Browser, site: Path) -> None:
    with opened(browser, site, "contact-centre") as page:
        assert "phone" not in "".join(written(page, FIRST))
        channels = [row[1] for row in table(page, FIRST)]
        assert channels == ["all"] * 3 + [HOSTILE_CHANNEL] * 2 + ["letter"] * 1 + ["phone"] * 2


def test_a_chosen_channel_is_drawn_over_the_line_of_all(browser: Browser, site: Path) -> None:
    """The phone solved 20 of 30 in May and 9 of 12 in June; every value stands in the table and in the file."""
    with opened(browser, site, "contact-centre") as page:
        choose(page, "Channel", "phone")
        drawn = chart(page, FIRST)
        assert "No further contact: phone (grey: all)" in written(page, FIRST)
        assert drawn.locator("path[data-row]:not(.off)").count() == 2
        assert drawn.locator("path[data-run][stroke='var(--muted)']").count() == 1
        assert [row[:3] for row in table(page, FIRST)] == [
            ["2026-05-01", "phone", "66.7\u202f%"],
            ["2026-06-01", "phone", "75.0\u202f%"],
        ]
        label = str(page.locator(f"#{FIRST} .chart:not([hidden])").get_attribute("aria-label"))
        assert label == "Line chart of phone by month, from 67% to 75%; beside it all."
        page.get_by_role("button", name="Show everything").click()
        assert "phone" not in "".join(written(page, FIRST))
    shares = {(row["month"], row["channel"]): row["value"] for row in file(site, FIRST)}
    assert float(shares["2026-06-01", "phone"]) == pytest.approx(9 / 12)
    assert float(shares["2026-05-01", HOSTILE_CHANNEL]) == pytest.approx(8 / 10)


def test_a_month_cuts_the_line_of_a_chosen_channel(browser: Browser, site: Path) -> None:
    with opened(browser, site, "contact-centre") as page:
        choose(page, "Channel", HOSTILE_CHANNEL)
        page.get_by_label("From month").select_option(label="Jun 2026")
        drawn = chart(page, FIRST)
        assert drawn.locator("path[data-row]:not(.off)").count() == 1
        assert drawn.locator("path[data-run]:not(.off)").count() == 0
        assert [row[:2] for row in table(page, FIRST)] == [["2026-06-01", HOSTILE_CHANNEL]]
        assert page.evaluate("window.broken") is None


def test_single_values_are_shown_over_the_latest_year(site: Path) -> None:
    """The letters of May 2025 lie 13 months before June 2026."""
    assert [row["month"] for row in file(site, FIRST) if row["channel"] == "letter"] == ["2026-05-01"]
    [letters] = [row for row in file(site, CHANNELS) if row["channel"] == "letter"]
    assert (letters["n"], letters["value"]) == ("2", "")


def test_too_few_for_a_chart_is_said(browser: Browser, site: Path) -> None:
    with opened(browser, site, "contact-centre") as page:
        choose(page, "Channel", "letter")
        figure = page.locator(f"#{FIRST}")
        assert figure.locator(".chart:not([hidden])").count() == 0
        assert "No chart of this choice: too few observations." in figure.inner_text()
        assert [row[:3] for row in table(page, FIRST)] == [["2026-05-01", "letter", "–"]]  # noqa: RUF001
        choose(page, "Channel", "phone")
        assert "too few observations" not in figure.inner_text()


def test_channels_stand_beside_each_other(browser: Browser, site: Path) -> None:
    """By hand: the phone 29 of 42, the hostile one 16 of 18; two letters are too few for a share."""
    with opened(browser, site, "contact-centre") as page:
        assert rows(page, CHANNELS) == [HOSTILE_CHANNEL, "letter", "phone"]
        assert {"88.9\u202f%", "69.0\u202f%"} <= set(written(page, CHANNELS))
        choose(page, "Channel", "phone")
        assert rows(page, CHANNELS) == ["phone"]
        assert "69.0\u202f%" in written(page, CHANNELS)
        assert "88.9\u202f%" not in written(page, CHANNELS)


def test_issues_of_a_chosen_channel(browser: Browser, site: Path) -> None:
    """Over the phone 6 of 8; the rare issue is in the table, its three are too few for a share."""
    with opened(browser, site, "contact-centre") as page:
        assert "75.0\u202f%" in written(page, ISSUES)
        choose(page, "Channel", "phone")
        drawn = written(page, ISSUES)
        assert "n = 8" in drawn
        assert "n = 12" not in drawn
        assert [row[:2] for row in table(page, ISSUES)] == [[HOSTILE_ISSUE, "phone"], ["rare", "phone"]]


def test_a_chosen_queue_is_a_row_of_the_heat_map(browser: Browser, site: Path) -> None:
    """Billing: 40 of 49 in May (one gave up early), 1,200 of 1,470 in June; a row of cells is 28 pixels high."""
    with opened(browser, site, "contact-centre") as page:
        whole = chart(page, GRID)
        height = whole.evaluate("node => node.getBoundingClientRect().height")
        assert whole.locator("text[data-label]").count() == 2
        choose(page, "Unit", "billing")
        one = chart(page, GRID)
        assert one.locator("text[data-label]:not(.off)").all_text_contents() == ["billing · phone"]
        assert one.locator("path[data-row]:not(.off)").count() == 2
        assert height - one.evaluate("node => node.getBoundingClientRect().height") == pytest.approx(28)
        assert [[row[0], row[3]] for row in table(page, GRID)] == [
            ["2026-05-01", "81.6\u202f%"],
            ["2026-06-01", "81.6\u202f%"],
        ]
        page.get_by_label("From month").select_option(label="Jun 2026")
        assert chart(page, GRID).locator("path[data-row]:not(.off)").count() == 1
        assert chart(page, GRID).locator("text[data-label]:not(.off)").count() == 1


def test_a_queue_has_its_waiting_and_handling(browser: Browser, site: Path) -> None:
    """Billing: 470 seconds of 47 answered, 14,100 of handling; its channel keeps it, too."""
    with opened(browser, site, "contact-centre") as page:
        choose(page, "Unit", "billing")
        [[*_, wait, handling]] = table(page, QUEUES)
        assert (wait, handling) == ("10.0\u202fs", "5\u202fmin 0\u202fs")
        assert rows(page, QUEUES) == ["billing"]
        choose(page, "Channel", "phone")
        assert rows(page, QUEUES) == ["billing"]
        choose(page, "Unit", "")
        assert len(rows(page, QUEUES)) == 2


def test_callers_of_a_chosen_queue(browser: Browser, site: Path) -> None:
    """All: 6 of 30 and 10 of 25 gave up, 30 of 40 quotes kept; billing: 1 of 10 and 9 of 15, 16 of 20."""
    with opened(browser, site, "effort") as page:
        assert [row[0] for row in table(page, QUOTED)] == ["all", "billing", "sales"]
        assert {"20.0\u202f%", "40.0\u202f%"} <= set(written(page, TOLD))
        choose(page, "Unit", "billing")
        assert {"10.0\u202f%", "60.0\u202f%"} <= set(written(page, TOLD))
        assert [row[1:3] for row in table(page, TOLD)] == [["billing", "10.0\u202f%"], ["billing", "60.0\u202f%"]]
        [quoted] = table(page, QUOTED)
        assert quoted[:2] == ["billing", "80.0\u202f%"]
        assert quoted[4:] == ["20", "50", "50.0\u202f%", "4", "–"]  # noqa: RUF001


@pytest.mark.parametrize(
    ("name", "label", "value", "slug", "cell"),
    [
        ("what-first", "Channel", "phone", "failure-demand", "45.0\u202f%"),
        ("service-profit", "Segment", "premium", "price-premium", "-3.0\u202f%"),
        ("service-profit", "Segment", HOSTILE_CHANNEL, "service-cost", "24.0\u202f%"),
        ("effort", "Segment", "premium", "effort-scores-by-segment", "5.100"),
    ],
)
def test_other_figures_by_channel_and_segment(
    browser: Browser, site: Path, name: str, label: str, value: str, slug: str, cell: str
) -> None:
    with opened(browser, site, name) as page:
        choose(page, label, value)
        figure = f"{name}-{FULL}-{slug}"
        [row] = table(page, figure)
        assert cell in row
        assert chart(page, figure).is_visible()


def test_a_panel_goes_with_its_axes(browser: Browser, site: Path) -> None:
    """Scores of three channels, beside each other: of one chosen, one panel is left, and nothing of the others."""
    figure = f"consistency-{FULL}-scores-csat-v1"
    with opened(browser, site, "consistency") as page:
        panels = page.locator(f"#{figure} .wide .panel")
        assert panels.count() == 3
        tops = panels.evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().top)")
        assert len(set(tops)) == 1
        choose(page, "Channel", "phone")
        assert [panel.is_visible() for panel in panels.all()].count(True) == 1
        left = page.locator(f"#{figure} .wide .panel:not(.off) text").all_text_contents()
        assert [text for text in left if "(n = " in text] == ["phone (n = 100)"]
        page.get_by_role("button", name="Show everything").click()
        assert all(panel.is_visible() for panel in panels.all())


def test_a_time_line_of_a_channel_closes_the_gaps_of_others(browser: Browser, site: Path) -> None:
    """75 touches by phone, 25 in the store; a row is 66 pixels high."""
    figure = f"index-{FULL}-touches"
    with opened(browser, site, "index") as page:
        assert [line for line in written(page, figure) if "(" in line] == ["phone (75)", "store (25)"]
        height = chart(page, figure).evaluate("node => node.getBoundingClientRect().height")
        choose(page, "Channel", "store")
        assert [line for line in written(page, figure) if "(" in line] == ["store (25)"]
        lost = height - chart(page, figure).evaluate("node => node.getBoundingClientRect().height")
        assert lost == pytest.approx(66)


def test_a_total_and_a_note_beside_a_name_are_no_values(browser: Browser, site: Path) -> None:
    with opened(browser, site, "segments") as page:
        offered = page.get_by_label("Segment", exact=True).locator("option").all_text_contents()
        assert not [name for name in offered if "aimed at" in name]
        choose(page, "Segment", "premium")
        assert rows(page, f"segments-{FULL}-segment-worth") == ["premium (aimed at)"]
        assert rows(page, f"segments-{FULL}-segment-standards") != []
    with opened(browser, site, "people") as page:
        assert "all employees" not in page.get_by_label("Unit", exact=True).locator("option").all_text_contents()


def test_without_the_script_charts_of_single_values_stay_away(browser: Browser, site: Path) -> None:
    """Their numbers are in the table, which shows every row."""
    with opened(browser, site, "contact-centre", java_script_enabled=False) as page:
        assert page.locator(f"#{FIRST} .chart").count() == 3
        assert page.locator(f"#{FIRST} .chart").nth(0).is_visible()
        assert not any(page.locator(f"#{FIRST} .chart").nth(number).is_visible() for number in (1, 2))
        assert page.locator(f"#{FIRST} tbody tr").count() == 8
