"""Pages to HTML and CSV. Every text goes through Jinja's escaping; only our own SVG is taken in as it is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from touchline.reports import charts, filters, script, wording
from touchline.reports.content import Figure, Headline, Page, Section, Table
from touchline.reports.context import Context
from touchline.reports.csv_file import csv_file
from touchline.reports.definitions import Explained
from touchline.reports.svg import to_svg
from touchline.reports.words import ENGLISH, LANGUAGES, N_, _, described, markup, ngettext, spoken

WIDE = 828
NARROW = 340
SHOWN_ROWS = 200
"""Longer tables are shown to here; the CSV file holds all rows."""

DICTIONARY = ("dictionary", N_("Dictionary"))


@dataclass(frozen=True)
class HeadlineView:
    """A headline with its texts."""

    headline: Headline
    number: str
    interval: str
    n: str
    explained: Explained | None

    @property
    def has_scale(self) -> bool:
        """Whether the number lies on the line from 0 to 1."""
        return self.headline.unit in ("share", "index") and 0 <= (self.headline.estimate.value or 0) <= 1

    @property
    def marks(self) -> list[tuple[str, float]]:
        """What the line shows: the value, and the two ends of its interval if it has one."""
        estimate = self.headline.estimate
        ends = {"at": estimate.value, "from": estimate.lower, "to": estimate.upper}
        return [(name, end) for name, end in ends.items() if end is not None] if self.has_scale else []


@dataclass(frozen=True)
class ChartView:
    """A chart, or its panels, in both widths, what its marks are by, and what it is of if it stands in for another."""

    alt: str
    wide: list[Markup]
    narrow: list[Markup]
    by: list[filters.Dimension]
    step: int
    of: Mapping[str, str]


@dataclass(frozen=True)
class FigureView:
    """A figure with its charts, its file and its formatted table."""

    figure: Figure
    identifier: str
    csv_name: str
    charts: list[ChartView]
    rows: list[list[str]]
    explained: Explained | None
    row_keys: list[dict[str, str]]
    by: list[filters.Dimension]

    @property
    def hidden_rows(self) -> int:
        """Rows that only the CSV file holds."""
        return len(self.figure.table.rows) - len(self.rows)


@dataclass(frozen=True)
class SectionView:
    """A section with what it shows, ready to print."""

    section: Section
    identifier: str
    headlines: list[HeadlineView]
    figures: list[FigureView]


def page_files(pages: Sequence[Page], context: Context) -> dict[str, bytes]:
    """File names and contents of the site in the language spoken; the CSV files come with the English pages."""
    environment = Environment(
        loader=PackageLoader("touchline.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": wording.moment, "short_month": wording.short_month}
    environment.globals |= {
        "_": markup,
        "ngettext": ngettext,
        "filter_names": filters.DIMENSIONS,
        "described": described,
    }
    language = spoken()
    template = environment.get_template("page.html.jinja")
    names = _slugs(list(context.brands))
    shared = {
        "pages": [*((page.slug, page.name) for page in pages), (DICTIONARY[0], _(DICTIONARY[1]))],
        "edition": context.published.edition,
        "language": language,
        "languages": LANGUAGES,
        "root": "../" if language.folder else "",
        "script": Markup(script.source()),  # noqa: S704
        "script_allowed": Markup(script.allowed()),  # noqa: S704
    }
    entries = groupby(context.definitions.dictionary(), key=lambda entry: entry.subject)
    subjects = [(subject, list(marts)) for subject, marts in entries]
    dictionary = environment.get_template("dictionary.html.jinja").render(shared, slug=DICTIONARY[0], subjects=subjects)
    files = {f"{language.folder}{DICTIONARY[0]}.html": dictionary.encode()}
    for page in pages:
        offered = filters.choices(page)
        sections = [_section_view(page, section, names, context, offered) for section in page.sections]
        brands = [section for section in sections if section.section.brand]
        html = template.render(shared, slug=page.slug, page=page, sections=sections, brands=brands, choices=offered)
        files[f"{language.folder}{page.slug}.html"] = html.encode()
        if language == ENGLISH:
            files |= {view.csv_name: csv_file(view.figure.table) for section in sections for view in section.figures}
    return files


def _section_view(
    page: Page, section: Section, names: dict[str, str], context: Context, offered: filters.Choices
) -> SectionView:
    name = names.get(section.brand, "build")
    return SectionView(
        section=section,
        identifier=name,
        headlines=[_headline_view(headline, context) for headline in section.headlines],
        figures=[_figure_view(page, figure, name, context, offered) for figure in section.figures],
    )


def _headline_view(headline: Headline, context: Context) -> HeadlineView:
    estimate, unit = headline.estimate, headline.unit
    has_interval = estimate.lower is not None and estimate.upper is not None
    return HeadlineView(
        headline=headline,
        number=wording.NONE if estimate.value is None else wording.number(estimate.value, unit),
        interval=wording.interval(estimate.lower or 0.0, estimate.upper or 0.0, unit) if has_interval else "",
        n=_("{n:,} {observed}", n=estimate.n, observed=headline.observed),
        explained=context.definitions.explain(headline.definition) if headline.definition else None,
    )


def _figure_view(page: Page, figure: Figure, name: str, context: Context, offered: filters.Choices) -> FigureView:
    slug = _slug(figure.slug)
    identifier = f"{page.slug}-{name}-{slug}"
    keys = [offered.positions(of) for of in filters.table_keys(figure.table)[:SHOWN_ROWS]]
    return FigureView(
        figure=figure,
        identifier=identifier,
        csv_name=f"data/{identifier}.csv",
        charts=_charts(figure, identifier, offered),
        rows=[
            [wording.cell(value, column.kind) for value, column in zip(row, figure.table.columns, strict=True)]
            for row in figure.table.rows[:SHOWN_ROWS]
        ],
        explained=context.definitions.explain(figure.definition) if figure.definition else None,
        row_keys=[{f"data-{dimension}": places for dimension, places in of.items()} for of in keys],
        by=[dimension for dimension in offered.dimensions if any(dimension in of for of in keys)],
    )


def _charts(figure: Figure, identifier: str, offered: filters.Choices) -> list[ChartView]:
    """The figure's own chart, and those of values that there is a choice of."""
    if figure.draw is None:
        return []
    drawn = [_chart(figure.draw, figure.alt, figure.table, identifier, offered, {})]
    for number, one in enumerate(figure.instead):
        if of := offered.positions({one.dimension: frozenset({one.value})}):  # type: ignore[dict-item]
            drawn.append(_chart(one.draw, one.alt, figure.table, f"{identifier}-{number}", offered, of))
    return drawn


def _chart(
    draw: Callable[[int], Any],
    alt: str,
    table: Table,
    identifier: str,
    offered: filters.Choices,
    of: Mapping[filters.Dimension, str],
) -> ChartView:
    (wide, by), (narrow, _by) = (
        _drawn(draw(width), f"{identifier}-{width}", table, offered) for width in (WIDE, NARROW)
    )
    return ChartView(
        alt=alt,
        wide=wide,
        narrow=narrow,
        by=by,
        step=charts.row_height(draw) if by else 0,
        of={"data-of": " ".join(of)} | {f"data-{dimension}": place for dimension, place in of.items()} if of else {},
    )


def _drawn(
    chart: Any, prefix: str, table: Table, offered: filters.Choices
) -> tuple[list[Markup], list[filters.Dimension]]:
    """The drawing of a chart, or those of its panels, and what their marks are by."""
    panels = chart if isinstance(chart, list) else [chart]
    drawn = [filters.keyed(to_svg(one, f"{prefix}-{number}"), table, offered) for number, one in enumerate(panels)]
    seen = {dimension for _svg, by in drawn for dimension in by}
    svgs = [Markup(svg) for svg, _by in drawn]  # noqa: S704
    return svgs, [dimension for dimension in offered.dimensions if dimension in seen]


def _slugs(brands: Sequence[str]) -> dict[str, str]:
    """A name for files and anchors for each brand; two brands never share one."""
    names: dict[str, str] = {}
    for number, brand in enumerate(brands, start=1):
        name = _slug(brand) or "brand"
        names[brand] = f"{name}-{number}" if name in (*names.values(), "build", "brand") else name
    return names


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
