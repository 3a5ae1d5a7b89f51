"""People: have those who serve what they need, do executives go there, and does anything set an employee apart?"""

from touchline.reports import (
    empowerment_figures,
    parts,
    presence_figures,
    role_model_figures,
    scorecard_figures,
    staff_figures,
)
from touchline.reports.content import Page
from touchline.reports.context import Context
from touchline.reports.words import _

PARTS = (staff_figures, empowerment_figures, presence_figures, scorecard_figures, role_model_figures)

QUERIES = parts.queries(PARTS)


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="people",
        name=_("People"),
        title=_("Do our people have what they need to serve well?"),
        lead=_(
            "Figures of single persons are sensitive. They stand here by key, never by name, and only where the "
            "interval, at the same mix of issues, excludes the mean of all; everybody else is counted, not shown, and "
            "nobody is ranked. A figure says that something differs, not why: ask before you judge. It rests on few "
            "contacts, on customers who chose to answer, on who was given which customers; it is no ground for pay, "
            "praise or blame."
        ),
        sections=[parts.section(PARTS, context, brand, as_of) for brand, as_of in context.brands.items()],
    )
