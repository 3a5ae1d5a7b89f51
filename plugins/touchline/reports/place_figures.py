"""Opening hours of places, for the page on the contact centre: when do customers want one that is closed?"""

from collections import Counter
from collections.abc import Iterable
from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, named, spread
from touchline.reports.coverage_figures import FLOOR, closed_hours, weekday_and_hour
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_location_coverage"
SHOWN_PLACES = 12
DOOR = N_(
    "What happens at the door cannot come while it is closed: those records tell of work after closing, or of hours or "
    "clocks recorded wrongly."
)

QUERIES = {
    "place_coverage": """
        select coverage.*, locations.name from rpt_location_coverage as coverage
        left join dim_locations as locations using (brand, location_key)
        where location_key = 'all' or hour_of_week = 'all'
        order by brand, location_key <> 'all', location_key collate "C", period collate "C", hour_of_week collate "C"
    """,
    "place_most_missed": """
        select distinct on (brand, location_key) brand, location_key, hour_of_week from rpt_location_coverage
        where hour_of_week <> 'all' and out_of_hours > 0
        order by brand, location_key, out_of_hours desc, hour_of_week collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Share of what places were asked from afar while they were open."""
    rows = [row for row in _totals(context, brand) if row["location_key"] == "all" and row["hours_known"]]
    return [_open(context, row) for row in rows]


def missing(context: Context, brand: str) -> list[str]:
    """Which places were asked and have no recorded hours, or that none was asked."""
    rows = [row for row in _totals(context, brand) if row["location_key"] != "all" and row["contacts"]]
    if not rows:
        return [_("No hours of places: no case that came in otherwise than in person names a place.")]
    names = _names(context, brand)
    unknown = [names[row["location_key"]] for row in rows if not row["hours_known"]]
    if not unknown:
        return []
    return [
        _(
            "Hours of {places} are not recorded ({names}): what was asked of them counts neither as open nor as "
            "closed.",
            places=wording.count(len(unknown), "place"),
            names=wording.listing([*unknown[:SHOWN_PLACES], *(["…"] if len(unknown) > SHOWN_PLACES else [])]),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """By hour of the week, and by place and month."""
    rows = context.of("place_coverage", brand)
    hours = [row for row in rows if row["location_key"] == "all" != row["hour_of_week"] and row["hours_known"]]
    if not hours:
        return []
    text = _(
        "Cases that name a place and came in from afar while it was closed, by local hour of the week, over all places "
        "and months. {floor}",
        floor=_(FLOOR),
    )
    title = _("When do customers want a place that is closed?")
    return [closed_hours(hours, MART, "places-out-of-hours", title, text), _places(context, brand)]


def _open(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row, "open_share", "hours_known")
    return Headline(
        label=_("Places asked while they were open"),
        metric=f"{MART}.open_share",
        unit="share",
        estimate=estimate,
        observed=_("cases"),
        sentence=_(
            "{out_of_hours:,} of {cases} from afar came while the place they name was closed, {on_holidays:,} of them "
            "on holidays.",
            out_of_hours=row["out_of_hours"],
            cases=wording.count(row["hours_known"], "case"),
            on_holidays=row["on_holidays"],
        ),
        definition=Definition(MART, ("open_share", "in_hours", "hours_known", "on_holidays"), FLOOR),
        missing=context.too_few(estimate, _("cases")),
    )


def _places(context: Context, brand: str) -> Figure:
    names = _names(context, brand)
    places = [row for row in _totals(context, brand) if row["location_key"] != "all"]
    shown = sorted((row for row in places if row["hours_known"]), key=lambda row: -row["out_of_hours"])[:SHOWN_PLACES]
    estimates = {row["location_key"]: estimate_of(row, "open_share", "hours_known") for row in shown}
    points = [dot(f"{names[key]}\nn = {one.n:,}", one) for key, one in estimates.items() if one.value is not None]
    return Figure(
        slug="places-open",
        title=_("Which places are wanted while they are closed?"),
        text=_(
            "Share of the cases from afar that came while the place they name was open; the {most} places with most "
            "cases out of hours. {door} The table adds all places, months, and the hour in which most cases met a "
            "closed place.",
            most=SHOWN_PLACES,
            door=_(DOOR),
        ),
        alt=_(
            "Dot chart of cases in open hours at {places}, {spread}.",
            places=wording.count(len(points), "place"),
            spread=spread(estimates.values()),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=_table(context, brand, estimates.keys()),
        definition=Definition(MART, ("open_share", "hours_known", "on_holidays", "door_out_of_hours"), FLOOR),
    )


def _table(context: Context, brand: str, shown: Iterable[str]) -> Table:
    names, missed = _names(context, brand), _most_missed(context, brand)
    by_month = {"all", *shown}
    rows = [
        row
        for row in context.of("place_coverage", brand)
        if row["hour_of_week"] == "all" and (row["period"] == "all" or row["location_key"] in by_month)
    ]
    counts = ("contacts", "out_of_hours", "on_holidays", "door_contacts", "door_out_of_hours")
    return Table(
        (
            Column("unit", _("Place")),
            Column("period", _("Month")),
            *estimate_columns(_("Hours known")),
            Column("contacts", _("Cases"), "count"),
            Column("out_of_hours", _("Out of hours"), "count"),
            Column("on_holidays", _("Of these on holidays"), "count"),
            Column("door_contacts", _("At the door"), "count"),
            Column("door_out_of_hours", _("At the door out of hours"), "count"),
            Column("most_missed", _("Hour most missed")),
        ),
        [
            (
                names[row["location_key"]],
                named(row["period"]),
                *cells(estimate_of(row, "open_share", "hours_known")),
                *(row[count] for count in counts),
                missed.get(row["location_key"], "") if row["period"] == "all" else "",
            )
            for row in rows
        ],
    )


def _totals(context: Context, brand: str) -> list[Row]:
    rows = context.of("place_coverage", brand)
    return [row for row in rows if row["period"] == "all" == row["hour_of_week"]]


def _names(context: Context, brand: str) -> dict[str, str]:
    """Places by key: their name where no other bears it, else the key."""
    rows = _totals(context, brand)
    bearers = Counter(row["name"] for row in rows)
    return {
        row["location_key"]: named(row["name"] if row["name"] and bearers[row["name"]] == 1 else row["location_key"])
        for row in rows
    }


def _most_missed(context: Context, brand: str) -> dict[str, str]:
    """Of each place the hour of the week in which most cases met it closed, the first of equals."""
    found = {row["location_key"]: weekday_and_hour(row) for row in context.of("place_most_missed", brand)}
    return {key: _("{weekday} {hour:02d}:00", weekday=day, hour=hour) for key, (day, hour) in found.items()}
