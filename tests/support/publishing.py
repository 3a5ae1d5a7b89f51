"""Builds of one small mart, published one after the other, and readers that check whole builds."""

import threading
import time
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import Engine, text

from touchline import publish, warehouse
from touchline.settings import Settings
from touchline.warehouse import Role

TABLES = ("rpt_one", "rpt_two", "rpt_three")
READ = "select " + ", ".join(
    f"(select count(*) from marts.{name}), (select min(build_id) from marts.{name}),"
    f" (select max(build_id) from marts.{name})"
    for name in TABLES
)
"""One statement over all marts: rows of each, and the least and the greatest build in each."""


def make_build(settings: Settings, owner: Engine, rows: int) -> int:
    """An audited build in `marts_next`; every row of its marts bears its number."""
    with owner.begin() as connection:
        build_id = connection.scalar(
            text(
                "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)"
                " values (now(), false, 'x', 'audited') returning build_id"
            )
        )
    publish.prepare_slot(owner, build_id)
    builder = warehouse.engine(settings, Role.BUILDER)
    with builder.begin() as connection:
        for name in TABLES:
            connection.exec_driver_sql(f"drop table if exists marts_next.{name}")
            connection.exec_driver_sql(
                f"create table marts_next.{name} as select {build_id}::bigint as build_id, n"
                f" from generate_series(1, {rows}) as n"
            )
    builder.dispose()
    return int(build_id)


@dataclass
class Reader(threading.Thread):
    """Reads until it is stopped. Counts what it read, what went wrong, and how long each read took (seconds)."""

    url: str
    rows: int
    least_reads: int = 0
    reads: int = 0
    mixed: int = 0
    errors: list[str] = field(default_factory=list)
    builds: set[int] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.stopped.is_set() or self.reads < self.least_reads:
                self._read(connection)

    def _read(self, connection: psycopg.Connection) -> None:
        begun = time.perf_counter()
        try:
            found = connection.execute(READ).fetchone()
        except psycopg.Error as error:
            self.errors.append(f"{type(error).__name__}: {error}")
            return
        finally:
            self.seconds.append(time.perf_counter() - begun)
            self.reads += 1
        assert found is not None
        # Every mart whole, and all rows of one build.
        if set(found[0::3]) != {self.rows} or len({*found[1::3], *found[2::3]}) != 1:
            self.mixed += 1
        self.builds.add(found[1])


def reader_url(settings: Settings) -> str:
    return warehouse.libpq_url(warehouse.database_url(settings, Role.READER))
