"""Fitting between the dbt steps: what is read from the warehouse and what is kept there."""

from collections import Counter

import numpy as np
import pytest
from sqlalchemy import Engine, text

from support.buying import simulated
from touchline import warehouse
from touchline.estimates import forecast
from touchline.estimates.purchase_models import Histories, PurchaseModel, fit_purchases
from touchline.settings import Settings

TRUTH = PurchaseModel(0.6, 5.0, 0.9, 3.0, 0.0, is_converged=True)
_DRAWN = simulated(TRUTH, 1200, 52, seed=3)
SHOP = [(int(x), round(7 * last), 364) for x, last in zip(_DRAWN.repeats, _DRAWN.recency, strict=True)]
"""Repeat purchases, days from the first to the last of them, days since the first."""
FEW = [(0, 0, 70)] * 60 + [(1, 35, 70)] * (forecast.MIN_REPEATERS - 1)


@pytest.fixture
def owner(settings: Settings) -> Engine:
    """A warehouse with the histories of two brands; each repeat purchase is of 20."""
    engine = warehouse.engine(settings)
    rows = [
        {"brand": brand, "id": f"{brand}{number}", "repeats": repeats, "recency": recency, "age": age}
        for brand, seen in (("shop", SHOP), ("few", FEW))
        for number, (repeats, recency, age) in enumerate(seen)
    ]
    with engine.begin() as connection:
        connection.execute(
            text(
                "create table intermediate.int_purchase_histories (brand text, basis text, customer_id text,"
                " repeats bigint, recency_days integer, age_days integer, spend_days bigint,"
                " repeat_spend numeric(18, 2), days_ahead integer)"
            )
        )
        connection.execute(
            text(
                "insert into intermediate.int_purchase_histories"
                " values (:brand, 'whole', :id, :repeats, :recency, :age, :repeats, 20 * nullif(:repeats, 0), 364)"
            ),
            rows,
        )
        connection.execute(text("grant select on intermediate.int_purchase_histories to touchline_builder"))
    return engine


def rows(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_brand_with_few_repeaters_has_no_forecast(owner: Engine) -> None:
    forecast.run(owner, 1)
    found = rows(owner, "select brand, customers, repeaters, is_frequency_fitted, r from estimates.purchase_models")
    assert ("few", 69, 9, False, None) in found
    assert rows(owner, "select distinct brand from estimates.purchase_forecasts") == [("shop",)]


def test_each_history_has_one_forecast_in_weeks(owner: Engine) -> None:
    """Days become weeks: 364 days ahead are 52."""
    forecast.run(owner, 1)
    distinct = Counter(SHOP)
    seen = Histories(*(np.array([(x, last / 7, 52, n) for (x, last, _), n in sorted(distinct.items())], np.float64).T))
    expected = fit_purchases(seen).expected_purchases(seen, 52)
    found = rows(
        owner, "select repeats, recency_days, expected_purchases from estimates.purchase_forecasts order by 1, 2"
    )
    assert [(x, last, 364) for x, last, _ in found] == sorted(distinct)
    assert [value for _, _, value in found] == pytest.approx(expected.tolist(), rel=1e-3)


def test_the_next_build_replaces_the_last_one(owner: Engine) -> None:
    forecast.run(owner, 1)
    first = rows(owner, "select brand, r, p, log_likelihood from estimates.purchase_models order by brand")
    forecast.run(owner, 2)
    assert rows(owner, "select brand, r, p, log_likelihood from estimates.purchase_models order by brand") == first
    assert rows(owner, "select distinct build_id from estimates.purchase_forecasts") == [(2,)]
