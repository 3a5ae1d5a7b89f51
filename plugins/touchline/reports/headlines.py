"""Headlines that several modules build in the same way."""

from touchline.reports.content import Definition, Headline
from touchline.reports.context import MONTHS_POOLED, Context
from touchline.reports.statistics import share


def pooled_share(
    context: Context,
    mart: str,
    columns: tuple[str, str, str],
    counts: tuple[int, int],
    *,
    label: str,
    observed: str,
    sentence: str,
) -> Headline:
    """A share over some months: counts of the part and of the whole, and the mart's columns (share, part, whole)."""
    estimate = share(*counts, context.min_cell)
    return Headline(
        label=label,
        metric=f"{mart}.{columns[0]}",
        unit="share",
        estimate=estimate,
        observed=observed,
        sentence=sentence,
        definition=Definition(mart, columns, MONTHS_POOLED),
        missing=context.too_few(estimate, observed),
    )
