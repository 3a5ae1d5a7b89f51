"""Transactions of landing: one a load, over the driver's own connection."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Engine

from touchline import custody
from touchline.keys import VaultKeys
from touchline.landing.tokens import NORMALISER_VERSION


@contextmanager
def token_transaction(engine: Engine, keys: VaultKeys) -> Iterator[tuple[psycopg.Connection, VaultKeys]]:
    """One transaction that may write tokens, and the keys that make those of the warehouse's version.

    Raises TouchlineError for wrong keys, another normaliser, and while tokens are being moved (`custody.claim`).
    """
    bound = custody.bind(engine, keys, NORMALISER_VERSION)
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
        with connection.transaction():
            yield connection
    finally:
        raw.close()
