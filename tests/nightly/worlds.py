"""Many small worlds in one warehouse: a brand each, built at once. No row of a mart mixes brands."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from support.dbt_in_process import dbt_in_process
from touchline import contracts, steps, synthetic, vault, warehouse
from touchline.server import EmbeddedServer
from touchline.settings import Settings
from touchline.synthetic import world

ROOT = Path(__file__).resolve().parents[2]
DEMO = ("store_pos", "service_crm", "voice_center")
NO_EFFECT = {"LEAVES_AFTER_RETURN_SHARE": 0.0, "MOOD_FORETELLS_QUALITY": 0.0, "LEARNED_SHARE": 0.0}
"""What is planted of effects; a world without any has these instead."""
END = date(2026, 6, 30)
UNREAD = ("agent_states*", "shifts*")
"""Files that none of the figures needs: a quarter of all records."""

Row = dict[str, Any]


@dataclass(frozen=True)
class World:
    """One brand: its name, whether effects were planted in it, and what the generator says was."""

    brand: str
    has_effects: bool
    truth: dict[str, Any]


def make_world(settings: Settings, seed: int, has_effects: bool, customers: int, days: int) -> World:
    """Write the exports of one seed, none of them broken, and the sources that claim them for a brand of its own."""
    brand = f"{'seed' if has_effects else 'null'}_{seed:04}"
    folder = settings.landing_dir / brand
    with nullcontext() if has_effects else patch.multiple(world, **NO_EFFECT):
        made = synthetic.generate(folder, seed=seed, customers=customers, days=days, end=END, dirt=0)
    for file in [file for pattern in UNREAD for file in folder.rglob(pattern)]:
        file.unlink()
    for name in DEMO:
        source = yaml.safe_load((ROOT / "dags" / "sources" / f"{name}.yml").read_text(encoding="utf-8"))
        source |= {"source": f"{brand}_{name}", "brand": brand}
        for export in source["exports"]:
            export["files"] = [f"{brand}/{pattern}" for pattern in export["files"]]
        (settings.sources_dir / f"{source['source']}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
    return World(brand, has_effects, json.loads(made.truth_path.read_text(encoding="utf-8")))


@contextmanager
def empty_warehouse(home: Path) -> Iterator[Settings]:
    """A migrated warehouse on a server of its own that does not wait for the disk; it is stopped at the end."""
    settings = Settings(home=home, project_dir=ROOT, sources=home / "sources")
    settings.landing_dir.mkdir(parents=True)
    settings.sources_dir.mkdir()
    server = EmbeddedServer(home)
    try:
        warehouse.ensure_server(settings)
        with create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("alter system set fsync = off"))
            connection.execute(text("select pg_reload_conf()"))
        warehouse.migrate(settings)
        yield settings.model_copy(update={"database_url": SecretStr(server.url("touchline"))})
    finally:
        server.stop("immediate")


def build(settings: Settings) -> None:
    """Load everything there is and build it up to the marts, which stay in `marts_next`. Nothing is audited."""
    known = contracts.load_contracts(settings.contracts_dir)
    vault.load_keys(settings.secrets_dir)
    with patch.object(steps, "load_contracts", lambda _: known), dbt_in_process(threads=2):
        for file in steps.find_exports(settings):
            outcome = steps.load_export(settings, file)
            assert (outcome.state, outcome.quarantined) == ("loaded", 0), outcome
        with warehouse.engine(settings).begin() as connection:
            connection.execute(text("update ops.loads set state = 'accepted'"))
            connection.execute(text("analyze"))
        made = steps.start_build(settings).build_id
        for step in (
            steps.stage_sources,
            steps.resolve_identities,
            steps.model_facts,
            steps.estimate_statistics,
            steps.model_reports,
        ):
            step(settings, made)


def rows(settings: Settings, sql: str) -> list[Row]:
    """Rows of a query on the marts just built."""
    with warehouse.engine(settings).connect() as connection:
        connection.execute(text("set search_path to marts_next"))
        return [dict(row) for row in connection.execute(text(sql)).mappings()]
