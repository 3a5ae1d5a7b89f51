"""Fits the models of repeat purchases of each brand, between the model and the report step.

Customers with the same history have the same forecast: models are fitted to and forecasts kept for distinct histories,
so that the cost follows their number, not that of the customers.
"""

import io
from dataclasses import asdict, fields
from typing import Any, LiteralString

import numpy as np
import polars as pl
import psycopg
from sqlalchemy import Connection, Engine, text

from touchline.estimates.purchase_models import Floats, Histories, PurchaseModel, SpendModel, fit_purchases, fit_spend

MIN_REPEATERS = 10
"""With fewer customers who came again, four parameters say nothing."""
DAYS_PER_WEEK = 7

_GROUPS = text("""
    select brand, basis, min(days_ahead) as days_ahead, count(*) as customers,
        count(*) filter (where repeats > 0) as repeaters
    from intermediate.int_purchase_histories group by brand, basis order by brand, basis
""")
_HISTORIES: LiteralString = """
    select repeats, recency_days, age_days, count(*)
    from intermediate.int_purchase_histories where brand = %(brand)s and basis = %(basis)s
    group by repeats, recency_days, age_days order by repeats, recency_days, age_days
"""
_SPENDING: LiteralString = """
    select spend_days, cast(repeat_spend as double precision) / spend_days
    from intermediate.int_purchase_histories where brand = %(brand)s and basis = %(basis)s and spend_days > 0
    order by 1, 2
"""
_KEEP_MODEL = text("""
    insert into estimates.purchase_models values (:build_id, :brand, :basis, :customers, :repeaters,
        :frequency_r, :frequency_alpha, :frequency_a, :frequency_b, :frequency_log_likelihood,
        :frequency_is_converged,
        :spenders, :spend_p, :spend_q, :spend_gamma, :spend_log_likelihood, :spend_is_converged)
""")


def run(engine: Engine, build_id: int) -> None:
    """Fit each brand's models to `intermediate.int_purchase_histories`, as of today and of the hold-out's start.

    Replaces what `estimates.purchase_models` and `.purchase_forecasts` hold, in one transaction: a published build has
    its own copy in its marts. A brand with fewer than `MIN_REPEATERS` customers who came again gets a row without
    parameters, and no forecasts.
    """
    with engine.begin() as connection:
        for table in ("purchase_models", "purchase_forecasts"):
            connection.execute(text(f"delete from estimates.{table}"))
        for group in connection.execute(_GROUPS).mappings().all():
            key = {"build_id": build_id, "brand": group["brand"], "basis": group["basis"]}
            frequency = _fit_frequency(connection, key, group["days_ahead"]) if _is_enough(group["repeaters"]) else None
            days, means = _columns(connection, _SPENDING, key, ("days", "mean"))
            spend = fit_spend(days, means) if _is_enough(len(days)) else None
            counts = {"customers": group["customers"], "repeaters": group["repeaters"], "spenders": len(days)}
            models = _told("frequency", PurchaseModel, frequency) | _told("spend", SpendModel, spend)
            connection.execute(_KEEP_MODEL, key | counts | models)


def _is_enough(repeaters: int) -> bool:
    return repeaters >= MIN_REPEATERS


def _fit_frequency(connection: Connection, key: dict[str, Any], days_ahead: int) -> PurchaseModel:
    names = ("repeats", "recency_days", "age_days")
    repeats, recency, age, customers = _columns(connection, _HISTORIES, key, (*names, "customers"))
    seen = Histories(repeats, recency / DAYS_PER_WEEK, age / DAYS_PER_WEEK, customers)
    model = fit_purchases(seen)
    if model.is_converged:
        histories = dict(zip(names, np.column_stack((repeats, recency, age)).astype(np.int64).T, strict=True))
        forecasts = {
            "probability_alive": model.probability_alive(seen),
            "expected_purchases": model.expected_purchases(seen, days_ahead / DAYS_PER_WEEK),
        }
        _keep_forecasts(connection, pl.DataFrame(key | histories | forecasts))
    return model


def _keep_forecasts(connection: Connection, forecasts: pl.DataFrame) -> None:
    statement = f"copy estimates.purchase_forecasts ({', '.join(forecasts.columns)}) from stdin (format csv)".encode()
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(forecasts.write_csv(include_header=False))


def _columns(connection: Connection, query: LiteralString, key: dict[str, Any], names: tuple[str, ...]) -> list[Floats]:
    """The columns of a query over one brand and basis; by COPY, for they are as long as the customers are many."""
    rows = io.BytesIO()
    with _driver(connection).cursor() as cursor, cursor.copy(f"copy ({query}) to stdout (format csv)", key) as copy:
        rows.writelines(copy)
    rows.seek(0)
    frame = pl.read_csv(rows, has_header=False, schema=dict.fromkeys(names, pl.Float64), raise_if_empty=False)
    return [frame[name].to_numpy() for name in names]


def _driver(connection: Connection) -> psycopg.Connection:
    return connection.connection.driver_connection  # type: ignore[return-value]


def _told(
    prefix: str, of: type[PurchaseModel | SpendModel], model: PurchaseModel | SpendModel | None
) -> dict[str, Any]:
    """A model's fields; of one that was not fitted all that is known is that."""
    known = asdict(model) if model else dict.fromkeys(item.name for item in fields(of)) | {"is_converged": False}
    return {f"{prefix}_{name}": value for name, value in known.items()}
