"""A run of the demo and what it left behind."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from touchline import queries, warehouse
from touchline.settings import Settings


@dataclass
class Demo:
    settings: Settings
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    ledger: tuple[Any, ...]

    @property
    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.settings.landing_dir / "truth.json").read_text()))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return queries.read(self.settings, sql)[1]


def ledger_counts(settings: Settings) -> tuple[Any, ...]:
    tables = ("loads", "builds", "publications")
    counts = f"select {', '.join(f'(select count(*) from ops.{table})' for table in tables)}"
    with warehouse.engine(settings).connect() as connection:
        return tuple(connection.execute(text(counts)).one())
