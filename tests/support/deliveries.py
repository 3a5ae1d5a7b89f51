"""Delivers export files to a warehouse of the test's own, by the steps of a run, and tells what became of them."""

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import text

from touchline import steps, vault, warehouse
from touchline.contracts import load_contracts
from touchline.landing.discover import survey
from touchline.landing.load import load_file
from touchline.ledger import LoadOutcome
from touchline.settings import Settings
from touchline.sources import load_sources
from touchline.warehouse import Role

_contracts = cache(load_contracts)
MEMBERS = "contact_id,created_at,email\n"
SALES = "transaction_id,location_id,channel,closed_at,status,total,currency\n"


@dataclass
class Deliveries:
    """A landing folder with sources of the test's own; each source has one export, in a folder of its name."""

    settings: Settings

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> "Deliveries":
        (folder / "sources").mkdir()
        settings.landing_dir.mkdir(parents=True, exist_ok=True)
        return cls(settings.model_copy(update={"sources": folder / "sources"}))

    def add_source(self, name: str, kind: str = "crm", entity: str = "contacts", **options: Any) -> None:
        """A source whose columns have the contract's names; `options` of the export, and of the source before it."""
        own = {key: options.pop(key) for key in ("brand", "timezone", "error_budget", "currency") if key in options}
        export = {"name": "all", "files": [f"{name}/*"], "into": [{"entity": entity}]} | options
        document = {"source": name, "kind": kind, "description": "test", "owner": "me", **own, "exports": [export]}
        (self.settings.sources_dir / f"{name}.yml").write_text(yaml.safe_dump(document))
        (self.settings.landing_dir / name).mkdir(exist_ok=True)

    def put(self, name: str, content: str | bytes, at: datetime | None = None) -> Path:
        """Write `<source>/<file>`; `at` is when it was extracted."""
        path = self.settings.landing_dir / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if at is not None:
            os.utime(path, (at.timestamp(),) * 2)
        return path

    def land(self, *only: str, name: str | None = None) -> list[LoadOutcome]:
        """Load every file (of these sources, or of this name); P1: records = loaded + set aside + filtered."""
        contracts = _contracts(self.settings.contracts_dir)
        files = survey(load_sources(self.settings.sources_dir, contracts, only), self.settings.landing_dir).files
        loader, keys = warehouse.engine(self.settings, Role.LOADER), vault.load_keys(self.settings.secrets_dir)
        outcomes = [load_file(loader, file, contracts, keys) for file in files if name in (None, file.name)]
        loader.dispose()
        for outcome in outcomes:
            assert outcome.records == outcome.loaded + outcome.quarantined + outcome.filtered, outcome
            assert len(self.set_aside(outcome.load_id)) == outcome.quarantined, outcome
        return outcomes

    def check(self, *only: str) -> list[str]:
        """Judge what was landed (of these sources); the reasons of the rejected loads."""
        return [item.reason for item in steps.check_loads(self.settings, only)]

    def deliver(self, name: str, content: str | bytes, at: datetime | None = None) -> LoadOutcome:
        """`put`, then `land` this file alone."""
        self.put(name, content, at)
        [outcome] = self.land(name.partition("/")[0], name=name)
        return outcome

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the owner of the warehouse reads."""
        with warehouse.engine(self.settings).connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def set_aside(self, load_id: int) -> list[tuple[bytes, str, str]]:
        """(bytes, column, reason) of each record in quarantine, in the file's order."""
        keys = vault.load_keys(self.settings.secrets_dir)
        found = self.rows(
            f"select payload, column_name, reason from quarantine.records where load_id = {load_id}"
            " order by record_number"
        )
        return [(keys.decrypt(bytes(payload)), column, reason) for payload, column, reason in found]


def members(count: int, start: int = 0) -> str:
    """Good records of crm.contacts under the header MEMBERS."""
    numbers = range(start, start + count)
    return "".join(f"m{n},2026-01-01T00:00:{n % 60:02d}Z,m{n}@example.com\n" for n in numbers)


def sales(count: int, start: int = 0, factor: int = 1) -> str:
    """Good records of pos.transactions under the header SALES; totals from 10.00 on, times `factor`."""
    lines = []
    for n in range(start, start + count):
        total = f"{(1000 + n % 50) * factor / 100:.2f}"
        lines.append(f"t{n},L1,store,2026-01-01T10:00:{n % 60:02d}Z,completed,{total},USD\n")
    return "".join(lines)
