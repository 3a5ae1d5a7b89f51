"""Segments and preferences: who the customers are, and what they want next."""

from touchline.reports import (
    mouth_figures,
    needs_figures,
    participation_figures,
    parts,
    preference_figures,
    pressure_figures,
    rfm_figures,
    segment_fit_figures,
)
from touchline.reports.content import Page
from touchline.reports.context import Context
from touchline.reports.words import _

PARTS = (
    preference_figures,
    segment_fit_figures,
    needs_figures,
    pressure_figures,
    participation_figures,
    mouth_figures,
    rfm_figures,
)
"""Each says what it queries, shows and misses."""

QUERIES = parts.queries(PARTS)


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="segments",
        name=_("Segments and preferences"),
        title=_("Do we know whom we serve, and what they want next?"),
        lead=_(
            "The customer as a person, not as a case: whether we use what they told us, whether each segment gets what "
            "was written for it, what they are likely to need, whether we turn to them too often, how far they take "
            "part, and how they stand beside others. Figures are of known persons; all of them tell what goes "
            "together, none what causes what."
        ),
        sections=[parts.section(PARTS, context, brand, as_of) for brand, as_of in context.brands.items()],
    )
