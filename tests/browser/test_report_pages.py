"""The pages as a browser shows them: numbers, access, phone, dark, print, and nothing but files."""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import marts_by_hand as by_hand
import pytest
from expected_headlines import EXPECTED, FROM_LEDGER, LATER
from playwright.sync_api import Browser, Page
from warehouse_fixture import mart_columns

from touchline import queries
from touchline.settings import Settings

PAGES = (
    "index",
    "what-first",
    "contact-centre",
    "journeys",
    "recovery",
    "effort",
    "standards",
    "consistency",
    "segments",
    "people",
    "service-profit",
    "retention",
    "data-quality",
)
FULL, QUIET = by_hand.FULL, by_hand.QUIET


@contextmanager
def opened(browser: Browser, site: Path, name: str, **options: Any) -> Iterator[Page]:
    """A page of the site; any request for something else, message of the console or script error fails."""
    faults: list[str] = []
    context = browser.new_context(**options)
    page = context.new_page()
    page.on("console", lambda message: faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda request: faults.append(request.url) if _leaves(request.url, site) else None)
    page.goto((site / f"{name}.html").as_uri())
    try:
        yield page
        assert faults == []
    finally:
        context.close()


def _leaves(url: str, site: Path) -> bool:
    return not url.startswith((site.as_uri(), "data:,"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_without_network(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name, offline=True) as page:
        assert page.locator("h1").inner_text().endswith("?")
        assert page.locator("script[src], iframe, object, link[rel=stylesheet]").count() == 0
        for link in page.locator("a").all():
            target = str(link.get_attribute("href"))
            assert target.startswith("#") or (site / target.split("#")[0]).is_file()


@pytest.mark.parametrize("name", PAGES)
def test_headline_numbers_equal_the_marts(browser: Browser, site: Path, settings: Settings, name: str) -> None:
    with opened(browser, site, name) as page:
        found = page.eval_on_selector_all("[data-metric]", "nodes => nodes.map(node => ({...node.dataset}))")
    values = [(entry["metric"], entry["brand"], float(entry["value"])) for entry in found if entry["value"]]
    assert values or name == "index"
    for metric, brand, value in values:
        if not brand:
            assert value == pytest.approx(FROM_LEDGER[metric], rel=1e-12)
        elif value not in [pytest.approx(other, rel=1e-12) for other in LATER.get((metric, brand), [])]:
            by_arithmetic, sql = EXPECTED[metric, brand]
            assert value == pytest.approx(by_arithmetic, rel=1e-12), metric
            assert float(queries.read(settings, sql)[1][0][0]) == pytest.approx(by_arithmetic, rel=1e-12), sql


def test_every_expected_headline_is_shown(browser: Browser, site: Path) -> None:
    shown = set()
    for name in PAGES:
        with opened(browser, site, name) as page:
            found = page.eval_on_selector_all("[data-metric]", "nodes => nodes.map(node => ({...node.dataset}))")
        shown |= {(entry["metric"], entry["brand"]) for entry in found if entry["brand"]}
    # One touchpoint is too few for a share: the headline is there, its number is not.
    assert shown == {*EXPECTED, ("fct_touchpoints.customer_id", by_hand.HOSTILE_BRAND)}


def test_intervals_and_counts_stand_beside_the_numbers(browser: Browser, site: Path) -> None:
    """Wilson for 1470 of 2070: .6902 to .7292 (2940 + 3.8415 ± 1.96 √(3.8415 + 4·1470·600/2070)) ÷ 4147.68."""
    with opened(browser, site, "contact-centre") as page:
        headline = page.locator(".headline", has_text="Service level").first.inner_text()
        assert "69.0–72.9" in headline  # noqa: RUF001
        assert "n = 2,070 contacts" in headline
        assert "1,470 of 2,100 contacts" in headline


def test_what_is_missing_is_said_and_never_zero(browser: Browser, site: Path) -> None:
    with opened(browser, site, "contact-centre") as page:
        quiet = page.locator(f"#{QUIET}")
        assert "No calls:" in quiet.inner_text()
        assert "No coverage of hours:" in quiet.inner_text()
        assert "No containment:" in quiet.inner_text()
        assert "No hours of places:" in quiet.inner_text()
        assert "Hours of 1 place are not recorded (till/2)" in page.locator(f"#{FULL}").inner_text()
        assert "No efficiency:" in quiet.inner_text()
        assert quiet.locator("[data-metric]").count() == 0
    with opened(browser, site, "index") as page:
        assert "No recovery: no source" in page.locator(f"#{QUIET}").inner_text()
    with opened(browser, site, "segments") as page:
        assert "No reviews:" in page.locator(f"#{QUIET}").inner_text()
        assert "No referrals:" in page.locator(f"#{QUIET}").inner_text()
    with opened(browser, site, "retention") as page:
        assert "Nothing on the best score and loyalty:" in page.locator(f"#{QUIET}").inner_text()
    with opened(browser, site, "recovery") as page:
        assert "No paradox: fewer than 5 persons" in page.locator(f"#{QUIET}").inner_text()
    with opened(browser, site, "standards") as page:
        assert "No standards:" in page.locator(f"#{QUIET}").inner_text()
        assert "No changes:" in page.locator(f"#{QUIET}").inner_text()
        assert "No launches:" in page.locator(f"#{QUIET}").inner_text()
        full = page.locator(f"#{FULL}").inner_text()
        assert "(its metric is not in the catalogue)" in full
        told = "chat, 10 June 2026 (it names no standard) and name, 1 June 2026 (all places changed at once)"
        assert "Launches without a touchpoint, whose use nobody can see: 10 June 2026." in full
        assert f"Changes without an effect to tell: {told}." in full
    with opened(browser, site, "journeys") as page:
        assert "No journeys:" in page.locator(f"#{QUIET}").inner_text()
        assert "Nothing while cases are open:" in page.locator(f"#{QUIET}").inner_text()
        assert "Nothing of visible results:" in page.locator(f"#{QUIET}").inner_text()
        assert "No preparation:" in page.locator(f"#{QUIET}").inner_text()
        assert "Nothing after a case:" in page.locator(f"#{QUIET}").inner_text()
        full = page.locator(f"#{FULL}").inner_text()
        assert "Not observed: before the purchase." in full
        assert "Not judged: 20 items of checklists of days or records without a touch." in full
        assert "Whether records are looked at before a case is answered is not known" in full
        assert "Not recorded after cases: looks at the customer's record." in full
        assert "Not seen after any episode: pictures with reviews." in full
    with opened(browser, site, "segments") as page:
        assert "No preferences:" in page.locator(f"#{QUIET}").inner_text()
        assert "No segments:" in page.locator(f"#{QUIET}").inner_text()
        assert "SLOW (not a share to reach)" in page.locator(f"#{FULL}").inner_text()
    with opened(browser, site, "people") as page:
        assert "No figures of employees:" in page.locator(f"#{QUIET}").inner_text()
        assert "No employee flywheel:" in page.locator(f"#{QUIET}").inner_text()
        assert "Not known of the staff: courses (crm trainings)." in page.locator(f"#{FULL}").inner_text()
        assert "No visits of executives:" in page.locator(f"#{QUIET}").inner_text()
        assert "No effect of visits to queues: too few." in page.locator(f"#{FULL}").inner_text()
        assert "No role models:" in page.locator(f"#{QUIET}").inner_text()
        told = "no practice named (nobody recognised serves at a known place) and name (the weeks after are not over)"
        assert f"Practices whose spread cannot be told: {told}." in page.locator(f"#{FULL}").inner_text()
        assert "Not recorded by employee: satisfied answers, peaks" in page.locator(f"#{FULL}").inner_text()
    with opened(browser, site, "service-profit") as page:
        assert "No sales: without them" in page.locator(f"#{QUIET}").inner_text()
        assert "No chain:" in page.locator(f"#{QUIET}").inner_text()
        assert "No flywheel:" in page.locator(f"#{QUIET}").inner_text()
        full = page.locator(f"#{FULL}").inner_text()
        assert "the unit cost of goods is unknown for 3 sales" in full
        assert "Sales → Margin (not both measured)" in full
        assert "Not judged yet, for 90 days have to pass: 2026 Q2." in full
    with opened(browser, site, "consistency") as page:
        quiet = page.locator(f"#{QUIET}").inner_text()
        assert "No survey responses:" in quiet
        assert "No price parity:" in quiet
        assert "No answers by channel:" in quiet
        nps = page.locator(".headline", has_text="Consistency, NPS v1")
        assert nps.locator("[data-value='']").inner_text() == "–"  # noqa: RUF001
        assert "fewer than two channels have 50 scored answers" in nps.inner_text()
        full = page.locator(f"#{FULL}").inner_text()
        assert "Not compared at an equal mix of issues: NPS v1 (no answer names a call or case with an issue)." in full


@pytest.mark.parametrize("name", PAGES)
def test_brands_do_not_mix_and_show_their_closing_instant(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name) as page:
        names = page.locator("section.brand h2").all_inner_texts()
        assert [text for text in names if text != "This build"] == sorted(by_hand.AS_OFS)
        assert set(page.locator(".as-of time").all_inner_texts()) == {"2026-06-21 12:00 UTC"}
        assert "published 2026-07-01 03:00 UTC" in page.locator("footer").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_charts_and_tables_are_accessible(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name) as page:
        for figure in page.locator("figure").all():
            label = page.locator(f"[id='{figure.get_attribute('aria-labelledby')}']")
            assert label.inner_text().strip()
            assert figure.locator("a[download]").count() == 1
            assert figure.locator("table th[scope=col]").count() >= 2
            assert figure.locator("table tbody th[scope=row]").count() == figure.locator("tbody tr").count()
        for chart in page.locator(".chart").all():
            assert chart.get_attribute("role") == "img"
            assert len(str(chart.get_attribute("aria-label"))) > 20
            assert chart.locator("svg:not([aria-hidden=true])").count() == 0
            assert chart.locator(".wide svg").count() == chart.locator(".narrow svg").count() >= 1
        levels = page.locator("h1, h2, h3").evaluate_all("nodes => nodes.map(node => +node.tagName[1])")
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        ids = page.locator("[id]").evaluate_all("nodes => nodes.map(node => node.id)")
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_definitions_come_with_every_number(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name) as page:
        for headline in page.locator(".headline:has([data-brand]:not([data-brand='']))").all():
            headline.locator("summary").click()
            assert len(headline.locator("details dd").first.inner_text()) > 5


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_in_one_direction(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site, name, viewport={"width": 360, "height": 740}) as page:
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.locator(".chart .wide").evaluate_all("nodes => nodes.every(node => !node.offsetParent)")


_CONTRAST = """selector => {
    const light = text => {
        const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number)
            .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll(selector)].map(node => {
        const style = getComputedStyle(node);
        const ink = light(node instanceof SVGElement ? style.fill : style.color);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_text_is_readable_in_light_and_dark(browser: Browser, site: Path, name: str, scheme: str) -> None:
    """WCAG 2 contrast of at least 4.5 for page text and the texts of charts (cells of a heat map apart)."""
    with opened(browser, site, name, color_scheme=scheme) as page:
        is_dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"
        assert is_dark == (scheme == "dark")
        texts = "p, h1, h2, h3, a, summary, li, dt, dd, th, td, text[fill='var(--ink)'], text[fill='var(--muted)']"
        assert min(page.evaluate(_CONTRAST, texts)) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_heat_map_cells_are_readable(browser: Browser, site: Path, scheme: str) -> None:
    """A shade and the ink on it, each from the style sheet, keep a contrast of 4.5."""
    pairs = """() => {
        const probe = document.body.appendChild(document.createElement("p"));
        return [1, 2, 3, 4, 5, 6, 7].map(step => {
            probe.style.color = `var(--q${step}-ink)`;
            probe.style.background = `var(--q${step})`;
            const style = getComputedStyle(probe);
            return [style.color, style.backgroundColor];
        });
    }"""
    with opened(browser, site, "retention", color_scheme=scheme) as page:
        colours = page.evaluate(pairs)
    for pair in colours:
        ink, paper = sorted(map(_luminance, pair))
        assert (paper + 0.05) / (ink + 0.05) >= 4.5, pair


def _luminance(colour: str) -> float:
    shares = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_print_is_black_on_white_with_whole_charts(browser: Browser, site: Path) -> None:
    with opened(browser, site, "contact-centre", color_scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not any(nav.is_visible() for nav in page.locator(".masthead nav").all())
        assert page.locator(".chart .wide").first.is_visible()
        assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_a_forecast_is_shown_with_its_error_or_its_absence(browser: Browser, site: Path) -> None:
    with opened(browser, site, "retention") as page:
        text = page.locator("main").inner_text()
    assert "the forecast of 20 September 2025 was off by -10.0%" in text
    assert "No forecast: 7 customers of 400 came again; a model asks for 100" in text


def test_the_dictionary_explains_every_column_of_every_mart(browser: Browser, site: Path, settings: Settings) -> None:
    with opened(browser, site, "dictionary") as page:
        found = page.eval_on_selector_all(
            "article.entry",
            "nodes => nodes.map(node => [node.id, [...node.querySelectorAll('tbody tr')].map("
            "row => [...row.children].map(cell => cell.innerText.trim())),"
            " node.querySelector('[lang=zh-Hans]').innerText])",
        )
    expected = mart_columns(settings)
    assert {mart: {row[0]: row[1] for row in rows} for mart, rows, _ in found} == expected
    for mart, rows, meaning in found:
        assert all(len(text) > 3 for _, _, text in rows), mart
        assert sum("\u4e00" <= letter <= "\u9fff" for letter in meaning) >= 5, mart


def test_every_definition_leads_to_the_dictionary(browser: Browser, site: Path) -> None:
    entries = re.findall(r'<article class="entry" id="(\w+)"', (site / "dictionary.html").read_text())
    for name in PAGES:
        with opened(browser, site, name) as page:
            links = page.eval_on_selector_all(
                ".definition dd a", "nodes => nodes.map(node => node.getAttribute('href'))"
            )
        assert links
        assert {link.partition("#")[2] for link in links} <= set(entries)


def test_hostile_names_stay_text(browser: Browser, site: Path) -> None:
    with opened(browser, site, "contact-centre") as page:
        assert page.evaluate("window.broken") is None
        page.locator("summary", has_text="The numbers").nth(1).click()
        assert "{{ 7 * 7 }}" in page.locator("figure", has_text="Which queue makes customers").inner_text()
    with opened(browser, site, "data-quality") as page:
        assert page.evaluate("window.broken") is None
        assert page.locator("main b:not(.scale b)").count() == 0
    issues = (site / "data" / f"contact-centre-{FULL}-issues.csv").read_text(encoding="utf-8")
    assert f"\n'{by_hand.HOSTILE_ISSUE}," in issues


def test_no_key_of_a_failing_row_is_shown(site: Path) -> None:
    written = [path.read_text(encoding="utf-8") for path in site.rglob("*") if path.is_file()]
    assert json.loads((site / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert not any("secret-key" in text for text in written)
