"""Draws a history of touches (sales, calls, cases) of people who come and go, and writes it as exports, day by day."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

TOUCHES_A_PERSON = 8
ACTIVE_DAYS = 120
START = datetime(2023, 1, 1, tzinfo=UTC)
_SOURCES = {
    "bench_pos": ("pos", {"transactions": "closed_at"}),
    "bench_crm": ("crm", {"contacts": None, "cases": None}),
    "bench_center": ("call_center", {"contacts": None}),
}


@dataclass(frozen=True)
class History:
    """Rows by (source, export), each with its `day`, counted from 0."""

    rows: dict[tuple[str, str], pl.DataFrame]

    def write(self, folder: Path, first: int, stop: int) -> None:
        """The exports of the days from `first` up to `stop`, one file an export."""
        for (source, export), rows in self.rows.items():
            path = folder / source / f"{export}_{first:05}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            some = rows.filter(pl.col("day").is_between(first, stop, closed="left")).drop("day")
            if some.height:
                some.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")


def write_sources(folder: Path) -> None:
    """One file a source; columns named like the contract need no mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, (kind, exports) in _SOURCES.items():
        lines = [
            f"source: {source}",
            f"kind: {kind}",
            "description: for measuring",
            "phone_region: US",
            "owner: nobody",
        ]
        lines += ["timezone: America/New_York", "currency: USD", "exports:"]
        for export, clock in exports.items():
            lines += [f"  - name: {export}", f"    files: [{source}/{export}_*.csv]"]
            lines += [f"    into: [{{entity: {export}}}]"]
            if clock:
                lines += [f"    complete_through: {{column: {clock}}}"]
        (folder / f"{source}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def draw(touches: int, days: int, seed: int = 5) -> History:
    """A history of this length: people come and go, so that each has as many touches however long it is."""
    rng = np.random.default_rng(seed)
    people = max(1, int(touches / days / TOUCHES_A_PERSON * (days + ACTIVE_DAYS)))
    seconds = np.sort(rng.random(touches) * days * 86_400)
    # a person is active for some months after joining; people join evenly
    joined = seconds / 86_400 - rng.random(touches) * ACTIVE_DAYS
    person = ((joined + ACTIVE_DAYS) / (days + ACTIVE_DAYS) * people).astype(np.int64).clip(0, people - 1)
    table = pl.DataFrame({"number": np.arange(touches), "person": person, "second": seconds.astype(np.int64)})
    table = table.with_columns(
        at=pl.lit(START.replace(tzinfo=None)) + pl.duration(seconds=pl.col("second")),
        day=pl.col("second") // 86_400,
        draw=pl.Series(rng.random(touches)),
        kind=pl.Series(rng.random(touches)),
    )
    sales, calls = table.filter(pl.col("kind") < 0.7), table.filter(pl.col("kind").is_between(0.7, 0.92, closed="left"))
    everybody = pl.DataFrame({"person": np.arange(people)}).filter(pl.col("person") % 5 < 3)
    return History(
        {
            ("bench_pos", "transactions"): _sales(sales),
            ("bench_crm", "contacts"): _contacts(everybody, people, days),
            ("bench_crm", "cases"): _cases(table.filter(pl.col("kind") >= 0.92)),
            ("bench_center", "contacts"): _calls(calls),
        }
    )


def _text(prefix: str, column: str) -> pl.Expr:
    return pl.lit(prefix) + pl.col(column).cast(pl.String)


def _phone() -> pl.Expr:
    return pl.lit("+1212") + (2_000_000 + pl.col("person") % 7_900_000).cast(pl.String)


def _sales(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "day",
        transaction_id=_text("T", "number"),
        location_id=pl.lit("S") + (pl.col("number") % 40).cast(pl.String),
        channel=pl.when(pl.col("draw") < 0.3).then(pl.lit("web")).otherwise(pl.lit("store")),
        closed_at="at",
        status=pl.lit("completed"),
        total=(pl.col("draw") * 200 + 1).round(2),
        currency=pl.lit("USD"),
        customer_ref=pl.when(pl.col("draw") < 0.6).then(_text("c", "person")),
        loyalty_id=pl.when(pl.col("draw") < 0.4).then(_text("L", "person")),
        email=pl.when(pl.col("draw") < 0.2).then(_text("p", "person") + "@example.com"),
    )


def _contacts(rows: pl.DataFrame, people: int, days: int) -> pl.DataFrame:
    joined = (pl.col("person") / people * (days + ACTIVE_DAYS) - ACTIVE_DAYS).clip(lower_bound=0)
    at = pl.lit(START.replace(tzinfo=None)) + pl.duration(seconds=(joined * 86_400).cast(pl.Int64))
    return rows.select(
        day=joined.cast(pl.Int64),
        contact_id=_text("k", "person"),
        created_at=at,
        email=_text("p", "person") + "@example.com",
        phone=_phone(),
        loyalty_id=pl.when(pl.col("person") % 3 == 0).then(_text("L", "person")),
    )


def _cases(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "day",
        case_id=_text("q", "number"),
        contact_id=pl.when(pl.col("person") % 5 < 3).then(_text("k", "person")),
        origin_channel=pl.lit("email"),
        case_kind=pl.lit("complaint"),
        issue_type=pl.lit("billing"),
        status=pl.lit("open"),
        severity=pl.lit(1),
        is_escalated=pl.lit(False),
        created_at="at",
    )


def _calls(rows: pl.DataFrame) -> pl.DataFrame:
    at = pl.col("at")
    return rows.select(
        "day",
        contact_id=_text("l", "number"),
        channel=pl.lit("voice"),
        direction=pl.lit("inbound"),
        initiation_method=pl.lit("inbound"),
        customer_endpoint=_phone(),
        initiated_at=at,
        enqueued_at=at,
        connected_to_agent_at=at + pl.duration(seconds=8),
        disconnected_at=at + pl.duration(seconds=200),
        queue_id=pl.lit("Q1"),
        agent_id=pl.lit("a1"),
        interaction_seconds=pl.lit(180),
        issue_type=pl.lit("billing"),
    )
