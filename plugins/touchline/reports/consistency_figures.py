"""Charts of one survey instrument: its scores by channel, how far channels lie apart, month by month."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    joined,
    number,
    one_line,
    spread,
)
from touchline.reports.published import Row
from touchline.reports.statistics import mean_of_counts
from touchline.reports.words import N_, _

MART = "rpt_channel_consistency"
PAIRS = "rpt_channel_pairs"


@dataclass(frozen=True)
class Instrument:
    """One survey type in one version, with its row of totals."""

    row: Row

    @property
    def name(self) -> str:
        """How people call it: CSAT v1."""
        return f"{one_line(self.row['survey_type']).upper()} {one_line(self.row['survey_version'])}"

    @property
    def slug(self) -> str:
        """Part of a file name; the site makes it safe."""
        return f"{self.row['survey_type']}-{self.row['survey_version']}"

    def of(self, rows: list[Row]) -> list[Row]:
        """Rows of this instrument."""
        key = ("survey_type", "survey_version")
        return [row for row in rows if all(row[column] == self.row[column] for column in key)]


def figures(context: Context, brand: str, instrument: Instrument) -> list[Figure]:
    """The charts an instrument has the data for."""
    scores = instrument.of(context.of("scores", brand))
    needed = instrument.row["min_channel_responses"]
    by_channel: dict[str, list[Row]] = defaultdict(list)
    for row in scores:
        by_channel[row["channel"]].append(row)
    compared = {channel: rows for channel, rows in by_channel.items() if sum(row["answers"] for row in rows) >= needed}
    pairs = instrument.of(context.of("channel_pairs", brand))
    months = instrument.of(context.of("consistency_months", brand))
    shown = []
    if compared:
        shown = [_distributions(instrument, compared), _means(context, instrument, by_channel)]
    if pairs:
        shown.append(_pairs(instrument, pairs))
    if any(row["consistency"] is not None for row in months):
        shown.append(_months(instrument, months))
    return shown


def _distributions(instrument: Instrument, channels: dict[str, list[Row]]) -> Figure:
    totals: dict[Any, int] = defaultdict(int)
    for rows in channels.values():
        for row in rows:
            totals[row["score"]] += row["answers"]
    everything = sum(totals.values())
    points, cells_ = [], []
    for order, (channel, rows) in enumerate(channels.items()):
        answers = {row["score"]: row["answers"] for row in rows}
        n = sum(answers.values())
        for score in sorted(totals):
            share, pooled = answers.get(score, 0) / n, totals[score] / everything
            panel = f"{one_line(channel)} (n = {n:,})"
            points.append({"panel": panel, "order": order, "x": f"{float(score):g}", "value": share, "pooled": pooled})
            cells_.append((channel, float(score), answers.get(score, 0), share))
    is_high_good = all(row["higher_is_better"] is not False for rows in channels.values() for row in rows)
    return Figure(
        slug=f"scores-{instrument.slug}",
        title=_("How do scores spread in each channel? ({name})", name=instrument.name),
        text=_(
            "Share of answers by score; {direction} scores are good. The crossbar on each bar is the share over all "
            "these channels together: where the two part, the channel differs.",
            direction=_("high") if is_high_good else _("low"),
        ),
        alt=_(
            "Histograms of scores in {names}, {everything:,} answers.",
            names=wording.listing(list(channels)),
            everything=everything,
        ),
        draw=partial(charts.histograms, points, x_title=_("Score")),
        table=Table(
            (
                Column("channel", _("Channel")),
                Column("score", _("Score"), "number"),
                Column("answers", _("Answers"), "count"),
                Column("share", _("Share"), "share"),
            ),
            cells_,
        ),
        definition=Definition(
            "fct_surveys",
            ("service_channel", "score", "responded_at"),
            _("Answers up to the brand's closing instant, in channels with enough scored answers to be compared."),
        ),
    )


def _means(context: Context, instrument: Instrument, channels: dict[str, list[Row]]) -> Figure:
    means = {
        channel: mean_of_counts(((float(row["score"]), row["answers"]) for row in rows), context.min_cell)
        for channel, rows in channels.items()
    }
    points = [
        dot(f"{one_line(channel)}\nn = {estimate.n:,}", estimate, "index")
        for channel, estimate in means.items()
        if estimate.value is not None
    ]
    return Figure(
        slug=f"means-{instrument.slug}",
        title=_("Which channel is scored lower? ({name})", name=instrument.name),
        text=_(
            "Mean score by channel on the instrument's own scale, with the 95 % interval of the mean, channels with "
            "few answers included."
        ),
        alt=_("Dot chart of the mean score in {channels}.", channels=wording.count(len(points), "channel")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (Column("channel", _("Channel")), *estimate_columns(_("Answers"), "number")),
            [(channel, *cells(estimate)) for channel, estimate in means.items()],
        ),
        definition=Definition(
            "fct_surveys", ("service_channel", "score"), _("Mean ± 1.96 standard errors of the answers.")
        ),
    )


def _pairs(instrument: Instrument, pairs: list[Row]) -> Figure:
    points = [
        {
            "name": joined(row["channel"], row["other_channel"]),
            "label": _(
                "{channel} and {other_channel}\nn = {responses:,} and {other_responses:,}",
                channel=one_line(row["channel"]),
                other_channel=one_line(row["other_channel"]),
                responses=row["responses"],
                other_responses=row["other_responses"],
            ),
            "value": float(row["wasserstein_1"]),
            "lower": None,
            "upper": None,
            "text": f"{row['wasserstein_1']:.2f}",
        }
        for row in pairs
    ]
    widest = pairs[0]
    return Figure(
        slug=f"pairs-{instrument.slug}",
        title=_("Which two channels lie furthest apart? ({name})", name=instrument.name),
        text=_(
            "Mean distance in scale points that answers would have to move to turn one channel's scores into the "
            "other's. Raw distances: small samples exaggerate them, and they carry no interval."
        ),
        alt=_(
            "Bar chart of {pairs} of channels; furthest apart: {channel} and {other_channel}, {wasserstein_1:.2f} "
            "points.",
            pairs=wording.count(len(pairs), "pair"),
            channel=widest["channel"],
            other_channel=widest["other_channel"],
            wasserstein_1=widest["wasserstein_1"],
        ),
        draw=partial(charts.dots, points, is_share=False, has_bars=True),
        table=_table(pairs, _PAIR_COLUMNS),
        definition=Definition(PAIRS, ("wasserstein_1", "jsd", "kolmogorov_smirnov"), ""),
    )


def _months(instrument: Instrument, months: list[Row]) -> Figure:
    estimates = {
        row["period"]: Estimate(number(row["consistency"]), None, None, int(row["responses"])) for row in months
    }
    points = [
        {"x": f"{period}-01", "value": estimate.value, "lower": None, "upper": None}
        for period, estimate in estimates.items()
    ]
    return Figure(
        slug=f"months-{instrument.slug}",
        title=_("Do channels grow together? ({name})", name=instrument.name),
        text=_(
            "Published consistency by month, the bias of small samples removed; months without two channels of enough "
            "answers are gaps. No interval; the table gives the permutation p-value of each month."
        ),
        alt=_("Line chart of consistency by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, points, label=_("Consistency"), step="month", is_share=False),
        table=_table(months, _MONTH_COLUMNS),
        definition=Definition(MART, ("consistency", "mean_permuted_jsd", "permutation_p_value"), ""),
    )


_PAIR_COLUMNS = (
    Column("channel", N_("Channel")),
    Column("other_channel", N_("Other channel")),
    Column("responses", N_("Answers"), "count"),
    Column("other_responses", N_("Other answers"), "count"),
    Column("wasserstein_1", N_("Points apart"), "number"),
    Column("jsd", N_("JSD (bits)"), "number"),
    Column("kolmogorov_smirnov", N_("KS"), "number"),
)
_MONTH_COLUMNS = (
    Column("period", N_("Month")),
    Column("consistency", N_("Consistency"), "number"),
    Column("raw_consistency", N_("Raw"), "number"),
    Column("permutation_p_value", "p", "number"),
    Column("channel_count", N_("Channels"), "count"),
    Column("responses", N_("Answers"), "count"),
    Column("surveys", N_("Sent"), "count"),
)


def _table(rows: list[Row], columns: tuple[Column, ...]) -> Table:
    return Table(columns, [tuple(row[column.name] for column in columns) for row in rows])
