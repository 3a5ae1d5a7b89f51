"""A warehouse of the tiny world: deliveries, builds that may fail anywhere, and what its tables hold."""

import functools
import os
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from support.dbt_in_process import InProcessDbt, dbt_in_process
from support.reference import Load, frozen_loads
from support.world import SNAPSHOTS, to_csv, write_sources
from touchline import builds, pending, publish, rejected, steps, vault, warehouse
from touchline.contracts import PersonalKind, load_contracts
from touchline.errors import TouchlineError
from touchline.landing.discover import ExportFile
from touchline.landing.load import load_file
from touchline.landing.tokens import Tokeniser
from touchline.settings import Settings

STEPS = ("stage", "resolve", "model", "estimate", "report")
Row = dict[str, Any]


@dataclass
class TinyWarehouse:
    """One database and what was delivered to it. `deliveries` is the reference's view of the ledger."""

    settings: Settings
    dbt: InProcessDbt
    deliveries: list[Load] = field(default_factory=list)
    frozen: list[Load] = field(default_factory=list)
    """Copies of the loads the last build read."""
    known: list[Load] = field(default_factory=list)
    """Copies of all loads there were when it began."""

    def __post_init__(self) -> None:
        write_sources(self.settings.sources_dir)
        self._sources = {source.source: source for source in steps.read_sources(self.settings)}
        self._owner = warehouse.engine(self.settings)

    def copy(self) -> "TinyWarehouse":
        """The same warehouse, after its database and its state folder became other ones."""
        lists = {name: [replace(load) for load in getattr(self, name)] for name in ("deliveries", "frozen", "known")}
        return TinyWarehouse(self.settings, self.dbt, **lists)

    def deliver(self, load: Load) -> bool:
        """Load one file of these rows; False when the same bytes were loaded before."""
        source = self._sources[load.source]
        export = next(item for item in source.exports if item.name == load.export)
        name = f"{load.source}/{load.export}_{len(self.deliveries)}.csv"
        path = self.settings.landing_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_csv(load.rows, load.export))
        os.utime(path, (load.extracted_at.timestamp(),) * 2)
        file = ExportFile(source, export, path, name)
        loader, keys = (
            warehouse.engine(self.settings, warehouse.Role.LOADER),
            vault.load_keys(self.settings.secrets_dir),
        )
        outcome = load_file(loader, file, steps.load_contracts(self.settings.contracts_dir), keys)
        loader.dispose()
        path.unlink()
        if outcome.is_new:
            assert (outcome.state, outcome.loaded, outcome.reasons) == ("loaded", len(load.rows), ()), outcome
            pending.judge_load(self._owner, outcome.load_id, "accepted", None)
            self.deliveries.append(replace(load, load_id=outcome.load_id, state="accepted", is_overridden=False))
            if load.state == "rejected":
                self.withdraw(self.deliveries[-1])
                if load.is_overridden:
                    self.answer_for(self.deliveries[-1])
        return outcome.is_new

    def withdraw(self, load: Load) -> None:
        """A load that was accepted turns out to be wrong."""
        self.execute("update ops.loads set state = 'rejected', reason = 'wrong' where load_id = :id", id=load.load_id)
        load.state, load.is_overridden = "rejected", False

    def answer_for(self, load: Load) -> None:
        until = datetime.now(UTC) + timedelta(days=1)
        rejected.accept(self._owner, load.load_id, reason="it is right", accepted_by="me", expires_at=until)
        load.is_overridden = True

    def let_override_expire(self, load: Load) -> None:
        expired = "update ops.overrides set expires_at = now() - interval '1 second' where load_id = :id"
        self.execute(expired, id=load.load_id)
        pending.judge_load(self._owner, load.load_id, "accepted", None)
        load.state = "accepted"

    def build(
        self, *, stop_after: str | None = None, without: str | None = None, meanwhile: Any = None, **order: Any
    ) -> int:
        """One build, up to an audited one. `without`: a model that fails; `meanwhile`: done once it has begun."""
        self.known = [replace(load) for load in self.deliveries]
        self.frozen = [replace(load) for load in frozen_loads(self.deliveries)]
        build = steps.start_build(self.settings, **order)
        if meanwhile:
            meanwhile()
        self.dbt.without = without
        run = {
            "stage": steps.stage_sources,
            "resolve": steps.resolve_identities,
            "model": steps.model_facts,
            "estimate": steps.estimate_statistics,
            "report": steps.model_reports,
        }
        try:
            for name in STEPS:
                run[name](self.settings, build.build_id)
                if name == stop_after:
                    raise TouchlineError(f"stopped after {name}")
        except TouchlineError as error:
            builds.set_state(self._owner, build.build_id, "failed", str(error))
            raise
        finally:
            self.dbt.without = None
        builds.set_state(self._owner, build.build_id, "audited")
        return build.build_id

    def publish(self, build_id: int) -> None:
        publish.publish(self._owner, build_id)

    def rollback(self) -> int:
        return publish.rollback(self._owner).build_id

    def slot(self, schema: str) -> int | None:
        with self._owner.connect() as connection:
            return publish.slot_build(connection, schema)

    def rows(self, relation: str) -> list[Row]:
        with self._owner.connect() as connection:
            return [dict(row) for row in connection.execute(text(f"select * from {relation}")).mappings()]

    def digests(self, schema: str) -> dict[str, str]:
        """Table → digest of its rows; the number of the build apart."""
        return {name: self.digest(f'{schema}."{name}"') for name in self.tables(schema)}

    def digest(self, relation: str) -> str:
        row = "(to_jsonb(digested) - 'build_id')::text"
        with self._owner.connect() as connection:
            return str(
                connection.scalar(
                    text(
                        f"select coalesce(md5(string_agg({row}, '|' order by {row} collate \"C\")), '')"
                        f" from {relation} as digested"
                    )
                )
            )

    def tables(self, schema: str) -> list[str]:
        with self._owner.connect() as connection:
            found = connection.scalars(
                text("select tablename from pg_tables where schemaname = :schema order by 1"), {"schema": schema}
            )
            return list(found)

    def kept_by_key(self, schemas: tuple[str, ...]) -> list[str]:
        """Tables that bear the label of the by_key materialisation."""
        with self._owner.connect() as connection:
            return [
                f'{row.nspname}."{row.relname}"'
                for row in connection.execute(
                    text(
                        "select nspname, relname from pg_class join pg_namespace on relnamespace = pg_namespace.oid"
                        " where obj_description(pg_class.oid, 'pg_class') like 'build %, in full %'"
                        " and nspname = any(:schemas) order by 1, 2"
                    ),
                    {"schemas": list(schemas)},
                )
            ]

    def labels(self, schemas: tuple[str, ...]) -> dict[str, tuple[int, int]]:
        """Table kept by key → (build it is up to date with, build that made it in full)."""
        found = {}
        with self._owner.connect() as connection:
            for name in self.kept_by_key(schemas):
                query = text("select obj_description(to_regclass(:name), 'pg_class')")
                label = connection.scalar(query, {"name": name})
                build, full = re.search(r"build (\d+), in full (\d+)", label).groups()
                found[name] = (int(build), int(full))
        return found

    def in_tokens(self, node: str) -> str:
        """The name of an identity node as the warehouse knows it: without personal values."""
        brand, _, rest = node.partition(":")
        kind, _, value = rest.partition("/")
        if kind not in ("email", "phone"):
            return node
        tokeniser = Tokeniser(vault.load_keys(self.settings.secrets_dir).token_key, "US")
        return f"{brand}:{kind}/{tokeniser.token(PersonalKind(kind), value)[0]}"

    def execute(self, statement: str, **values: Any) -> None:
        with self._owner.begin() as connection:
            connection.execute(text(statement), values)


def replay(path: list[Load], into: TinyWarehouse, seed: int) -> None:
    """Deliver the same files to another warehouse, split and in another order."""
    draw = random.Random(seed)
    parts = []
    for load in path:
        rows = load.rows[:]
        if (load.source, load.export) in SNAPSHOTS:
            parts.append(load)
            continue
        draw.shuffle(rows)
        cut = draw.randint(0, len(rows))
        parts += [replace(load, rows=half) for half in (rows[:cut], rows[cut:]) if half]
    draw.shuffle(parts)
    # A withdrawn file may have the very bytes of a part, which would be a no-op if it came second.
    parts.sort(key=lambda part: part.state == "rejected" and not part.is_overridden)
    for part in parts:
        into.deliver(part)


@contextmanager
def tiny_warehouses(make_database: Any, folder: Path, root: Path, **options: Any) -> Iterator[Any]:
    """A function that gives an empty warehouse by name; databases are copied from one that is migrated already."""
    cached, real = functools.cache(load_contracts), steps.load_contracts
    steps.load_contracts = cached
    try:
        with dbt_in_process(**options) as runner:
            yield functools.partial(_empty, runner, make_database, folder, root)
    finally:
        steps.load_contracts = real


def _empty(runner: InProcessDbt, make_database: Any, folder: Path, root: Path, name: str) -> TinyWarehouse:
    home = folder / name
    shutil.rmtree(home, ignore_errors=True)
    made = Settings(home=home, project_dir=root, database_url=make_database(name), sources=home / "sources")
    made.landing_dir.mkdir(parents=True)
    shutil.copytree(folder / "secrets", made.secrets_dir)
    return TinyWarehouse(made, runner)
