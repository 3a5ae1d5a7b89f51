"""Builds as of an earlier instant: reproducible, and not published over a later one unless asked."""

from datetime import UTC, datetime
from pathlib import Path

from touchline import pipeline, queries
from touchline.settings import Settings

SALES = "transaction_id,location_id,channel,closed_at,status,total\n"
SOURCE = """
source: corner_shop
kind: pos
description: a till
brand: corner
owner: me
exports:
  - name: sales
    files: [corner_shop/*.csv]
    complete_through: {column: closed_at, round_up: day}
    into: [{entity: transactions}]
"""
MARCH_2 = datetime(2026, 3, 2, tzinfo=UTC)


def sales(settings: Settings) -> int:
    return int(queries.read(settings, "select count(*) from fct_transactions")[1][0][0])


def test_events_after_it_are_unknown_and_a_later_build_stays_live(
    settings: Settings, dbt_here: None, tmp_path: Path
) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "corner_shop.yml").write_text(SOURCE)
    shop = settings.model_copy(update={"sources": tmp_path / "sources"})
    (shop.landing_dir / "corner_shop").mkdir()
    days = "".join(f"t{day},L1,store,2026-03-0{day}T12:00:00Z,completed,10.00\n" for day in (1, 2, 3))
    (shop.landing_dir / "corner_shop" / "sales.csv").write_text(SALES + days)

    first = pipeline.run(shop, as_of=MARCH_2)
    assert (first.problems, first.is_published, sales(shop)) == ([], True, 1)

    second = pipeline.run(shop)
    assert (second.problems, second.is_published, sales(shop)) == ([], True, 3)

    third = pipeline.run(shop, as_of=MARCH_2)
    assert (third.problems, third.is_published, sales(shop)) == ([], False, 3)
    assert third.publication == second.publication
