"""The site in two languages: each page has its twin, says the same in its own words, and leads to the other."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from test_report_pages import PAGES, opened

ALL = (*PAGES, "dictionary")

_TEXTS = """() => {
    const texts = [...document.querySelectorAll("[aria-label]")].map(node => node.getAttribute("aria-label"));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement.closest("body [lang=en], script, code, td, tbody th, .brands, h2")) {
            texts.push(node.textContent);
        }
    }
    return texts;
}"""
"""What a page says by itself: no English original, no code, no cell of a table, no name of a brand."""

_SHAPE = """() => Object.fromEntries(
    ["section", "figure", ".headline", "[data-metric]", ".chart svg", "table", "td", "details", "a", "[aria-label]"]
        .map(selector => [selector, document.querySelectorAll(selector).length])
)"""

ENGLISH = re.compile(r"\b(the|of|and|is|are|by|with|was|were|from|this|that|which|how|who|no|not)\b", re.IGNORECASE)
"""Words without which English says nothing."""

NAMES = (
    r"[a-z]+_of_[a-z]+|answered of (answered|offered)|handled of offered|<img src=x onerror=window\.broken=2>|"
    r"</?(svg|script)>|=cmd\S*|phone|answered of"
)
"""Names from the data of the tests, and of formulas."""


@pytest.mark.parametrize("name", ALL)
def test_a_chinese_page_says_nothing_in_english(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, f"zh/{name}") as page:
        texts = [re.sub(NAMES, "", text) for text in page.evaluate(_TEXTS)]
        assert page.title().endswith("· Touchline")
        assert chinese(page.title())
        assert chinese(page.locator("h1").inner_text())
    assert [text for text in texts if ENGLISH.search(text)] == []


def test_english_on_a_chinese_page_would_be_noticed(browser: Browser, site: Path) -> None:
    """The same look at an English page finds most of what it says."""
    with opened(browser, site, "index") as page:
        texts = page.evaluate(_TEXTS)
    assert len([text for text in texts if ENGLISH.search(text)]) > 20


@pytest.mark.parametrize("name", ALL)
def test_twins_show_the_same_things_and_numbers(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name) as page:
        english = (page.evaluate(_SHAPE), numbers(page), language(page))
    with opened(browser, site, f"zh/{name}") as page:
        chinese_ = (page.evaluate(_SHAPE), numbers(page), language(page))
    assert english[:2] == chinese_[:2]
    assert (english[2], chinese_[2]) == ("en", "zh-Hans")


@pytest.mark.parametrize("name", ALL)
def test_a_page_leads_to_its_twin_and_back(browser: Browser, site: Path, name: str) -> None:
    """By keyboard, from the language's own name, which a screen reader reads in that language."""
    with opened(browser, site, name) as page:
        switch = page.get_by_role("navigation", name="Language")
        assert switch.get_by_role("link", name="English").get_attribute("aria-current") == "true"
        other = switch.get_by_role("link", name="简体中文")
        assert (other.get_attribute("lang"), other.get_attribute("hreflang")) == ("zh-Hans", "zh-Hans")
        other.focus()
        page.keyboard.press("Enter")
        page.wait_for_url((site / f"zh/{name}.html").as_uri())
        assert language(page) == "zh-Hans"
        back = page.get_by_role("navigation", name="语言").get_by_role("link", name="English")
        back.focus()
        page.keyboard.press("Enter")
        page.wait_for_url((site / f"{name}.html").as_uri())
        alternates = page.locator("link[rel=alternate]").evaluate_all("nodes => nodes.map(node => node.href)")
        assert alternates == [(site / f"{folder}{name}.html").as_uri() for folder in ("", "zh/")]


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_is_whole_and_accessible(browser: Browser, site: Path, name: str) -> None:
    """Pages and data it leads to are there; charts, tables and regions have Chinese names; a phone scrolls one way."""
    with opened(browser, site, f"zh/{name}", offline=True, viewport={"width": 360, "height": 740}) as page:
        for link in page.locator("a").all():
            target = str(link.get_attribute("href"))
            assert target.startswith("#") or (site / "zh" / target.split("#")[0]).is_file()
        for chart in page.locator(".chart, .scroll[role=region]").all():
            assert chinese(str(chart.get_attribute("aria-label")))
        for figure in page.locator("figure").all():
            assert chinese(page.locator(f"[id='{figure.get_attribute('aria-labelledby')}']").inner_text())
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_definition_stands_in_chinese_before_its_english(browser: Browser, site: Path) -> None:
    with opened(browser, site, "zh/index") as page:
        definition = page.locator("details.definition").first
        definition.locator("summary").click()
        said = definition.locator("p").all()
        assert (chinese(said[0].inner_text()), said[1].get_attribute("lang")) == (True, "en")
        columns = definition.locator("dd:has(+ dt), dd:last-child").evaluate_all(_SAID)
        assert columns
        for text, language_ in columns:
            assert language_ == ("" if chinese(text) else "en"), text


_SAID = "nodes => nodes.map(node => [node.textContent, node.lang])"


def test_the_dictionary_gives_the_chinese_meaning_first(browser: Browser, site: Path) -> None:
    with opened(browser, site, "zh/dictionary") as page:
        for entry in page.locator("article.entry").all():
            said = entry.locator("p.sentence").all()
            assert (chinese(said[0].inner_text()), said[1].get_attribute("lang")) == (True, "en")
            for text, language_ in entry.locator("td.text").evaluate_all(_SAID):
                assert language_ == ("" if chinese(text) else "en"), text


def test_data_is_written_once(site: Path) -> None:
    assert not list((site / "zh").rglob("*.csv"))
    assert len(list((site / "data").glob("*.csv"))) > 50


def language(page: Page) -> Any:
    return page.evaluate("document.documentElement.lang")


def numbers(page: Page) -> Any:
    return page.eval_on_selector_all("[data-metric]", "nodes => nodes.map(node => ({...node.dataset}))")


def chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))
