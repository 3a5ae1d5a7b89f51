"""Transactions of landing: one a load, over the driver's own connection."""

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import Engine

from touchline import custody, raw_months
from touchline.contracts import Contract
from touchline.keys import VaultKeys
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.mapping import Export, Source

SEND_BYTES = 4 << 20
"""What the system may hold of a COPY that the server has not read."""


@contextmanager
def token_transaction(
    engine: Engine, keys: VaultKeys, tables: Iterable[str]
) -> Iterator[tuple[psycopg.Connection, VaultKeys]]:
    """One transaction that may write tokens into these raw tables, and the keys of the warehouse's version.

    Raises TouchlineError for wrong keys, another normaliser, and while tokens are being moved (`custody.claim`).
    """
    bound = custody.bind(engine, keys, NORMALISER_VERSION)
    raw_months.ensure_months(engine, tables)
    with driver_connection(engine) as connection:
        custody.claim(connection, bound, NORMALISER_VERSION)
        yield connection, bound


@contextmanager
def driver_connection(engine: Engine) -> Iterator[psycopg.Connection]:
    """One transaction of the driver's own: committed on leaving, rolled back on an error."""
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        if not isinstance(connection, psycopg.Connection):
            raise TypeError("the warehouse is reached through psycopg")
        _widen(connection)
        with connection.transaction():
            yield connection
    finally:
        raw.close()


def _widen(connection: psycopg.Connection) -> None:
    """Let a local server read on while this process computes: a Unix socket holds two hundred kilobytes, a ms of COPY.

    The system widens sockets of the network by itself.
    """
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as same:
        if same.family == socket.AF_UNIX:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)


def raw_tables(source: Source, export: Export, contracts: Mapping[tuple[str, str], Contract]) -> set[str]:
    """The tables of schema `raw` that rows of the export go to."""
    return {contracts[source.kind, target.entity].raw_table for target in export.into}
