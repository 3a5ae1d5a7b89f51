"""A section put together from parts: modules that each query, show and miss something of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from touchline.reports.content import Figure, Headline, Section
from touchline.reports.context import Context


class Part(Protocol):
    """What such a module offers."""

    QUERIES: dict[str, str]

    def headlines(self, context: Context, brand: str) -> list[Headline]:
        """Numbers at the top of the section."""

    def figures(self, context: Context, brand: str) -> list[Figure]:
        """Charts and tables below."""

    def missing(self, context: Context, brand: str) -> list[str]:
        """What there are no figures of, and why."""


def queries(parts: Sequence[Part]) -> dict[str, str]:
    """What all parts read."""
    return {name: sql for part in parts for name, sql in part.QUERIES.items()}


def section(parts: Sequence[Part], context: Context, brand: str, as_of: datetime) -> Section:
    """One brand, part after part."""
    return Section(
        brand,
        as_of,
        headlines=[headline for part in parts for headline in part.headlines(context, brand)],
        figures=[figure for part in parts for figure in part.figures(context, brand)],
        missing=[words for part in parts for words in part.missing(context, brand)],
    )
