"""A small brand, before and after its tokens moved: the same marts to the row, and no old token anywhere."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, inspect, text

from touchline import pipeline, synthetic, vault, warehouse
from touchline.retokenise import retokenise
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KEPT = "identity.token_origins"
"""Holds first tokens on purpose: customers are named by them."""


@pytest.fixture(scope="module")
def brand(make_database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse with its first build published."""
    home = tmp_path_factory.mktemp("brand")
    made = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
    synthetic.generate(made.landing_dir, customers=120, days=60)
    return made


@pytest.fixture(scope="module")
def moved(brand: Settings) -> Iterator[tuple[dict[str, str], dict[str, str], set[str]]]:
    """Hashes of all marts before and after, and the tokens that are no more."""
    run(brand)
    owner = warehouse.engine(brand)
    before, old = mart_hashes(owner), tokens(owner)
    vault.rotate(brand)
    move = retokenise(brand)
    assert move is not None
    assert move.tokens == len(old)
    run(brand)
    yield before, mart_hashes(owner), old
    owner.dispose()


def run(settings: Settings) -> None:
    """One run; short files may exceed their error budget, so rejected loads are no failure here."""
    summary = pipeline.run(settings)
    assert summary.is_published, summary.problems


def tokens(owner: Engine) -> set[str]:
    with owner.connect() as connection:
        return {str(token) for token in connection.scalars(text("select token from vault.values"))}


def mart_hashes(owner: Engine) -> dict[str, str]:
    """Digest of the rows of each published mart, in an order of their own; names of identifiers bear tokens."""
    hashes = {}
    with owner.connect() as connection:
        for table in inspect(owner).get_table_names(schema="marts"):
            rows = sorted(
                connection.scalars(
                    text(f"select cast(to_jsonb(t) - 'left_node' - 'right_node' as text) from marts.\"{table}\" as t")
                )
            )
            hashes[table] = f"{len(rows)} {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"
    return hashes


def test_the_marts_are_the_same_to_the_row(moved) -> None:
    before, after, _ = moved
    assert len(before) > 15
    assert not before["fct_transactions"].startswith("0 ")
    assert after == before


def test_customers_known_by_an_identifier_alone_are_among_them(brand: Settings, moved) -> None:
    """Their ids derive from a token: without them the equality of the marts would show little."""
    with warehouse.engine(brand).connect() as connection:
        found = connection.scalar(
            text("""
                select count(*) from (
                    select customer_id from identity.members where build_id = (select max(build_id) from ops.builds)
                    group by customer_id having bool_and(node like 'email/%' or node like 'phone/%')
                ) as without_account
            """)
        )
    assert found > 0


def test_no_old_token_is_left_anywhere(brand: Settings, moved) -> None:
    """Links of customers name identifiers, also in the way back: they are gone when the slots have come round."""
    *_, old = moved
    for _ in range(2):
        assert pipeline.run(brand, full_refresh=True).is_published
    owner, found = warehouse.engine(brand), {}
    with owner.connect() as connection:
        for schema in set(inspect(owner).get_schema_names()) - {"information_schema"}:
            for table in inspect(owner).get_table_names(schema=schema):
                rows = connection.scalars(text(f'select t::text from "{schema}"."{table}" as t'))
                if left := {token for row in rows for token in UUIDS.findall(row)} & old:
                    found[f"{schema}.{table}"] = len(left)
    assert set(found) == {KEPT}
    files = [path for path in brand.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if set(UUIDS.findall(path.read_text(errors="replace"))) & old]
