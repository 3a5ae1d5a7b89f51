"""Filters as a browser runs them: what is hidden, said, remembered, printed, and what is there without the script."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from test_report_pages import PAGES, opened

from touchline.reports import script

HOSTILE = "<img src=x onerror=window.broken=2>"
MEANS, PAIRS = "consistency-northwind-means-csat-v1", "consistency-northwind-pairs-csat-v1"
MONTHS = "consistency-northwind-price-parity-months"


def rows(page: Page, figure: str) -> list[str]:
    """Names of the rows of a figure's table that are shown."""
    found = page.locator(f"#{figure} tbody tr:not(.off) th")
    return found.evaluate_all("nodes => nodes.map(node => node.textContent)")  # type: ignore[no-any-return]


def labels(page: Page, figure: str) -> list[str]:
    """Names beside the dots that are shown, in the drawing of the width."""
    found = page.locator(f"#{figure} .wide text:not(.off) tspan:first-child")
    return found.evaluate_all("nodes => nodes.map(node => node.textContent)")  # type: ignore[no-any-return]


def said(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def test_a_choice_hides_the_rows_and_marks_of_others(browser: Browser, site: Path) -> None:
    """Three channels have a mean; of the pairs, phone is in two of three."""
    with opened(browser, site, "consistency") as page:
        assert rows(page, MEANS) == labels(page, MEANS) == [HOSTILE, "phone", "store"]
        height = page.locator(f"#{MEANS} .wide svg").evaluate("node => node.getBoundingClientRect().height")
        page.get_by_label("Channel", exact=True).select_option("phone")
        assert rows(page, MEANS) == labels(page, MEANS) == ["phone"]
        assert set(rows(page, PAIRS)) <= {"phone", HOSTILE}
        closed = page.locator(f"#{MEANS} .wide svg").evaluate("node => node.getBoundingClientRect().height")
        assert height - closed == pytest.approx(2 * 46)
        page.get_by_role("button", name="Show everything").click()
        assert rows(page, MEANS) == labels(page, MEANS) == [HOSTILE, "phone", "store"]
        assert page.locator(".off").count() == 0


def test_marks_that_stay_keep_their_place_on_the_axis(browser: Browser, site: Path) -> None:
    """The dot of the last row stays where it is above the axis, which other rows leave untouched."""
    with opened(browser, site, "consistency") as page:
        above_the_axis = f"""() => {{
            const svg = document.querySelector("#{MEANS} .wide svg");
            const dots = [...svg.querySelectorAll("path[data-row]")];
            const dot = dots[dots.length - 1].getBoundingClientRect();
            return [dot.x, svg.getBoundingClientRect().bottom - dot.y];
        }}"""
        before = page.evaluate(above_the_axis)
        page.get_by_label("Channel", exact=True).select_option("store")
        assert page.evaluate(above_the_axis) == pytest.approx(before, abs=0.5)


def test_what_is_not_by_the_choice_says_that_it_is_whole(browser: Browser, site: Path) -> None:
    with opened(browser, site, "consistency") as page:
        assert page.locator("[data-note]").evaluate_all("nodes => nodes.every(node => node.hidden)")
        page.get_by_label("Channel", exact=True).select_option("phone")
        assert "Not by channel: shown whole." in page.locator(f"#{MONTHS}").inner_text()
        assert "Not by channel" not in page.locator(f"#{MEANS}").inner_text()
        assert "(whole, not filtered)" in page.locator(f"#{MEANS} .source").inner_text()
        assert "(whole, not filtered)" not in page.locator(f"#{MONTHS} .source").inner_text()


def test_rows_shown_are_counted_and_announced(browser: Browser, site: Path) -> None:
    with opened(browser, site, "consistency") as page:
        count = "selector => document.querySelectorAll(selector).length"
        every = page.evaluate(count, "figure tbody tr")
        assert said(page) == f"Rows shown: {every} of {every}."
        page.get_by_label("Channel", exact=True).select_option("phone")
        kept = page.evaluate(count, "figure tbody tr:not(.off)")
        assert kept < every
        assert said(page) == f"Rows shown: {kept} of {every}."


def test_months_are_a_range_and_cut_lines_where_their_points_end(browser: Browser, site: Path) -> None:
    """Months before the first are hidden, from whichever end they are chosen; a range never stands on its head."""
    with opened(browser, site, "contact-centre") as page:
        first, last = page.get_by_label("From month"), page.get_by_label("To month")
        months = first.locator("option").evaluate_all("nodes => nodes.map(node => node.dataset.key).filter(Boolean)")
        figure = "contact-centre-northwind-first-contact-resolution"
        every = rows(page, figure)
        assert len(every) > 1
        key = every[-1][:7]
        first.select_option(str(months.index(key)))
        assert rows(page, figure) == [row for row in every if row[:7] == key]
        dots = page.locator(f"#{figure} .chart:not([hidden]) .wide path[data-row]:not(.off)").count()
        assert dots == 1
        last.select_option("0")
        assert (first.input_value(), last.input_value()) == ("0", "0")
        assert rows(page, figure) == [row for row in every if row[:7] == months[0]]


def test_a_choice_no_row_is_of_is_said(browser: Browser, site: Path) -> None:
    with opened(browser, site, "consistency") as page:
        page.get_by_label("From month").select_option(index=2)
        figure = page.locator(f"#{MONTHS}")
        assert "No published row is of this choice." in figure.inner_text()
        assert not figure.locator(".chart").is_visible()


def test_a_choice_is_in_the_address_and_goes_along(browser: Browser, site: Path) -> None:
    """Opened anew, in the other language and on another page; a value of the data stays text in it."""
    with opened(browser, site, "consistency") as page:
        page.get_by_label("Channel", exact=True).select_option(HOSTILE)
        assert rows(page, MEANS) == [HOSTILE]
        address = page.url
        page.get_by_role("link", name="简体中文").click()
        page.wait_for_url("**/zh/consistency.html#*")
        assert rows(page, MEANS) == [HOSTILE]
        page.get_by_role("link", name="数据质量").click()
        page.wait_for_url("**/zh/data-quality.html#*")
        assert page.get_by_label("渠道", exact=True).input_value() != ""
        page.goto("about:blank")
        page.goto(address)
        assert rows(page, MEANS) == [HOSTILE]
        assert page.evaluate("window.broken") is None


def test_an_anchor_of_a_brand_keeps_the_choice(browser: Browser, site: Path) -> None:
    with opened(browser, site, "consistency") as page:
        page.get_by_label("Channel", exact=True).select_option("phone")
        page.get_by_role("navigation", name="Brands on this page").get_by_role("link", name="northwind").click()
        page.wait_for_url("**#channel=phone")
        assert rows(page, MEANS) == ["phone"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("folder", ["", "zh/"])
def test_every_control_works_by_keyboard_and_has_a_name(browser: Browser, site: Path, folder: str, name: str) -> None:
    with opened(browser, site, f"{folder}{name}", viewport={"width": 360, "height": 740}) as page:
        for control in page.locator(".filters select").all():
            named = control.evaluate("node => node.labels[0].textContent.trim()")
            assert named
            assert bool(re.search(r"[\u4e00-\u9fff]", named)) == bool(folder)
            control.focus()
            page.keyboard.press("ArrowDown")
            assert control.input_value() != ""
            assert page.locator(".filters.active").count() == 1
            assert f"{control.get_attribute('name')}=" in page.url
            assert control.bounding_box()["height"] >= 24  # type: ignore[index]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_offered_value_keeps_rows(browser: Browser, site: Path) -> None:
    """No value is offered that no row of the page is of, save months between others."""
    for name in PAGES:
        with opened(browser, site, name) as page:
            for control in page.locator(".filters select:not([name=from]):not([name=to])").all():
                dimension = control.get_attribute("name")
                for value in control.locator("option").evaluate_all("nodes => nodes.map(node => node.value)")[1:]:
                    control.select_option(value)
                    assert page.locator(f"figure tbody tr[data-{dimension}]:not(.off)").count() > 0, (name, value)


def test_the_filtered_state_is_printed(browser: Browser, site: Path) -> None:
    with opened(browser, site, "consistency") as page:
        page.emulate_media(media="print")
        assert not page.locator(".filters").is_visible()
        page.emulate_media(media="screen")
        page.get_by_label("Channel", exact=True).select_option("phone")
        page.emulate_media(media="print")
        assert page.get_by_label("Channel", exact=True).is_visible()
        assert page.get_by_role("status").is_visible()
        assert not page.get_by_role("button", name="Show everything").is_visible()
        assert labels(page, MEANS) == ["phone"]


@pytest.mark.parametrize("name", PAGES)
def test_without_the_script_everything_is_shown(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name, java_script_enabled=False) as page:
        html = page.content()
    assert "off" not in {word for found in re.findall(r'class="([^"]*)"', html) for word in found.split()}
    for form in re.findall(r"<form [^>]*>", html):
        assert " hidden" in form
    for note in re.findall(r"<\w+ [^>]*data-note=[^>]*>", html):
        assert " hidden" in note


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_allows_the_script_of_the_page_and_no_other(browser: Browser, site: Path, name: str) -> None:
    html = (site / f"{name}.html").read_text(encoding="utf-8")
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy == [f"default-src 'none'; script-src {script.allowed()}; style-src 'unsafe-inline'; img-src data:"]
    assert set(re.findall(r"<script>(.*?)</script>", html, re.DOTALL)) <= {script.source()}
    assert html.count("<script") <= 1 + html.count("&lt;script")
    context: Any = browser.new_context()
    page = context.new_page()
    page.goto((site / f"{name}.html").as_uri())
    page.evaluate("""() => {
        const other = document.createElement("script");
        other.textContent = "window.other = 1";
        document.body.append(other);
    }""")
    assert page.evaluate("window.other") is None
    context.close()
