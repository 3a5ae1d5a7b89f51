"""A sale in the year 9999 through a whole run: marts, calendar and report stay those of the sales that happened."""

from datetime import UTC, datetime

from support.deliveries import SALES, Deliveries, sales
from touchline import pipeline, queries, reports


def test_marts_know_nothing_of_the_year_9999(deliveries: Deliveries, dbt_here: None) -> None:
    deliveries.add_source("till", "pos", "transactions", complete_through={"column": "closed_at", "round_up": "day"})
    far = "x,L1,store,9999-12-31T23:00:00Z,completed,10.00,USD\n"
    deliveries.put("till/a.csv", SALES + sales(100) + far)
    summary = pipeline.run(deliveries.settings)
    assert (summary.problems, summary.is_published) == ([], True)
    assert [load.loaded for load in summary.loads] == [101]

    def one(sql: str) -> tuple[object, ...]:
        return tuple(queries.read(deliveries.settings, sql)[1][0])

    # All hundred sales were made on 1 January 2026.
    assert one("select count(*), min(business_date)::text, max(business_date)::text from fct_transactions") == (
        100,
        "2026-01-01",
        "2026-01-01",
    )
    assert one("select count(*) from dim_dates") == (1,)
    assert deliveries.rows("select as_of from ops.build_brands") == [(datetime(2026, 1, 2, tzinfo=UTC),)]
    page = reports.render(deliveries.settings, deliveries.settings.reports_dir)
    assert "9999" not in page.read_text()
