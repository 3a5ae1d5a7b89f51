"""Whether a file's bytes were loaded before, asked before they are read: a file of another size is another file.

An entry of the ledger can so be opened without a digest, which is taken while the file is loaded and written into it at
the end. Until then it stands for every file of its size, so that another load of the same bytes waits for it.
"""

from collections.abc import Callable

import psycopg
from sqlalchemy import Engine

from touchline import ledger
from touchline.ledger import LoadEntry
from touchline.stamps import Stamp

_SIZE_IS_KNOWN = """
    select exists (
        select from ops.loads
        where source = %(source)s and export = %(export)s and size_bytes = %(size_bytes)s and sha256 <> %(sha256)s
    )
"""
_IDENTIFY = "update ops.loads set sha256 = %(sha256)s where load_id = %(load_id)s"
_UNREAD = " bytes"


def unread(stamp: Stamp) -> str:
    """What an entry has for the digest of bytes that have not been read."""
    return f"{stamp.size}{_UNREAD}"


def is_identified(entry: LoadEntry) -> bool:
    """Whether the entry has the digest of its bytes."""
    return not entry.sha256.endswith(_UNREAD)


def may_be_known(engine: Engine, entry: LoadEntry) -> bool:
    """Whether the ledger has a file of this size, so that the digest must tell if it is the same."""
    with engine.connect() as connection:
        return bool(connection.exec_driver_sql(_SIZE_IS_KNOWN, vars(entry)).scalar_one())


def open_load(connection: psycopg.Connection, entry: LoadEntry, identified: Callable[[], LoadEntry]) -> int:
    """Enter a load that is about to be filled in this transaction; a concurrent twin waits here.

    `identified` gives the entry with its digest; it is asked only if it has none and a file of the size has come in by
    now. Raises UniqueViolation if the same bytes have.
    """
    load_id = ledger.open_load(connection, entry)
    if is_identified(entry):
        return load_id
    if connection.execute(_SIZE_IS_KNOWN, vars(entry)).fetchone() == (True,):
        identify(connection, load_id, identified())
    return load_id


def identify(connection: psycopg.Connection, load_id: int, entry: LoadEntry) -> None:
    """Write the digest of an entry opened without it. Raises UniqueViolation if the same bytes have come in."""
    connection.execute(_IDENTIFY, vars(entry) | {"load_id": load_id})
    connection.execute(ledger.REPLACE, vars(entry) | {"load_id": load_id})
