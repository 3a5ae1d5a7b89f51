"""Gives room back to the disk: of partitions that lost rows, and of the embedded server's log."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from touchline import warehouse
from touchline.locks import Lock
from touchline.maintenance import compaction
from touchline.server import EmbeddedServer

LOCK_TIMEOUT = "5s"
LOG_BYTES = 32 << 20

_PENDING = text("""
    select partition, bool_or(coalesce(until <= :at, false)) as is_closed,
        cast(max(table_name) as text) as table_name, array_agg(compaction_id) as compactions
    from (select compaction_id, unnest(partitions) as partition from ops.compactions where vacuumed_at is null) as rows
    left join ops.raw_months on to_regclass(partition) = to_regclass(format('raw.%I', partition_name))
    where to_regclass(partition) is not null
    group by partition order by partition
""")
_VACUUMED = text("update ops.compactions set vacuumed_at = clock_timestamp() where vacuumed_at is null")


def give_back(owner: Engine, at: datetime) -> Iterator[str]:
    """Vacuum every partition that lost rows; names of those done. A closed month is written anew, without gaps."""
    with owner.connect() as connection:
        pending = connection.execute(_PENDING, {"at": at}).all()
    for row in pending:
        with warehouse.advisory_lock(owner, Lock.BUILD, compaction.BUSY), _autocommit(owner) as connection:
            _vacuum(connection, row.partition, row.is_closed)
        yield row.partition
    with owner.begin() as connection:
        connection.execute(_VACUUMED)
    with _autocommit(owner) as connection:
        # Nobody else does it for a table that has partitions.
        for table in sorted({row.table_name for row in pending if row.table_name}):
            connection.exec_driver_sql(f'analyze raw."{table}"')


def shorten_log(home: Path) -> None:
    """Begin the embedded server's log anew once it is long; the old one is kept until the next time."""
    log = EmbeddedServer(home).log
    if log.exists() and log.stat().st_size > LOG_BYTES:
        before = log.with_name(f"{log.name}.1")
        shutil.copy2(log, before)
        # The server holds the file open and appends: it is emptied, not moved.
        os.truncate(log, 0)


def _vacuum(connection: Connection, partition: str, is_closed: bool) -> None:
    """Closed months get no new rows: only writing them anew gives their room back."""
    if is_closed:
        try:
            connection.exec_driver_sql(f"set lock_timeout = '{LOCK_TIMEOUT}'")
            connection.exec_driver_sql(f"vacuum (full, analyze) {partition}")
            return
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable | psycopg.errors.DiskFull):
                raise
        finally:
            connection.exec_driver_sql("reset lock_timeout")
    # Somebody reads the month, or the disk has no room for a second copy: then its gaps stay.
    connection.exec_driver_sql(f"vacuum (analyze) {partition}")


def _autocommit(owner: Engine) -> Connection:
    return owner.connect().execution_options(isolation_level="AUTOCOMMIT")
