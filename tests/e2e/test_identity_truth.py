"""Planted people, through files, staging and resolution: who is who, in one delivery or in many, in any order.

The truth file was written by the generator, which shares nothing with the guards.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from support.identity_pairs import count_pairs
from touchline import steps, synthetic, vault, warehouse
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


class Shop:
    def __init__(self, home: Path, url: str) -> None:
        self.settings = Settings(home=home, project_dir=ROOT, database_url=SecretStr(url))
        self.settings.landing_dir.mkdir(parents=True)
        warehouse.migrate(self.settings)

    def build(self) -> int:
        """Land, check, stage and resolve whatever lies in the landing folder."""
        for file in steps.find_exports(self.settings):
            steps.load_export(self.settings, file)
        assert not steps.check_loads(self.settings)
        build = steps.start_build(self.settings)
        steps.stage_sources(self.settings, build.build_id)
        steps.resolve_identities(self.settings, build.build_id)
        return build.build_id

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with warehouse.engine(self.settings).connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def members(self) -> dict[str, str]:
        return dict(self.rows("select node, customer_id from identity.members"))


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    synthetic.generate(folder, seed=11, customers=1_500, days=150)
    return folder


@pytest.fixture(scope="module")
def shop(exports: Path, make_database, dbt_here: None, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two deliveries: the CRM's and the last month's files come after the first build, which knows less."""
    shop = Shop(tmp_path_factory.mktemp("split") / "home", make_database())
    files = sorted(path for path in exports.rglob("*") if path.is_file() and path.name != "truth.json")
    late = [path for path in files if path.name == "contact_merges.csv" or "2026-06" in path.name]
    assert late
    for part in ([path for path in files if path not in late], late):
        for path in part:
            target = shop.settings.landing_dir / path.relative_to(exports)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        shop.build()
    return shop


def test_planted_people_are_recovered(shop: Shop, exports: Path) -> None:
    truth = json.loads((exports / "truth.json").read_text())["identity"]
    pairs = count_pairs(truth, shop.members(), vault.load_keys(shop.settings.secrets_dir).token_key)
    assert pairs.precision >= 0.999
    assert pairs.recall >= 0.98
    # All sorts of shared values were there to be recognised.
    reasons = {reason for (reason,) in shop.rows("select distinct reason from identity.nodes where reason is not null")}
    assert reasons >= {"shared_identifier", "stated_default", "accounts_of_one_source", "recycled_identifier"}


def test_two_deliveries_end_like_one(shop: Shop, exports: Path, make_database, tmp_path: Path) -> None:
    """Tokens are keyed, so the other warehouse gets the same keys."""
    other = Shop(tmp_path / "home", make_database())
    for name in ("token_key", "cipher_key"):
        key = shop.settings.secrets_dir / name
        (other.settings.secrets_dir / name).write_text(key.read_text())
    for path in exports.rglob("*.*"):
        if path.name != "truth.json":
            target = other.settings.landing_dir / path.relative_to(exports)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    other.build()
    state = (
        'select brand, node, reason, customer_id, is_anchor, island from identity.nodes order by 1, node collate "C"'
    )
    assert shop.rows(state) == other.rows(state)


def test_every_id_of_the_first_build_is_given_or_redirected(shop: Shop) -> None:
    given = "(select customer_id from identity.members)"
    open_redirects = "select old_customer_id, customer_id from identity.redirects where valid_to is null"
    redirects = dict(shop.rows(open_redirects))
    assert redirects
    assert not set(redirects) & {customer for (customer,) in shop.rows(f"select * from {given} as given")}
    lost = f"select old_customer_id from identity.changes where old_customer_id not in {given}"
    assert {customer for (customer,) in shop.rows(lost)} <= set(redirects)


def test_stated_values_are_nowhere_in_plain(shop: Shop) -> None:
    seed = (ROOT / "dbt_project" / "seeds" / "shared_identifiers.csv").read_text()
    stated = [line.split(",")[2] for line in seed.splitlines()[1:]]
    assert stated
    schemas = "('identity', 'intermediate', 'staging', 'ops')"
    tables = shop.rows(f"select schemaname || '.' || tablename from pg_tables where schemaname in {schemas}")
    assert ("identity.nodes",) in tables
    for (table,) in tables:
        for value in stated:
            found = shop.rows(f"select count(*) from {table} as t where t::text like '%{value}%'")
            assert found == [(0,)], (table, value)
