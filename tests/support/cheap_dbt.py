"""What dbt spends beside its queries, saved where builds are tiny and many: half of their time otherwise."""

import functools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def cheap_dbt() -> Iterator[None]:
    """Inside, one process runs dbt with one connection, without events, and reads dates by one parser."""
    with ExitStack() as stack:
        stack.enter_context(_one_connection())
        # events nobody reads are a fifth of the processor's time
        stack.enter_context(patch("dbt_common.events.event_manager.EventManager.fire_event", lambda *_, **__: None))
        # ... and naming the caller of each flag reads the source of every module on the stack: nine tenths of it
        flag = "dbt_common.behavior_flags.BehaviorFlagRendered._default_source"
        stack.enter_context(patch(flag, lambda _: "dbt"))
        for module in ("date", "date_time"):
            stack.enter_context(_one_date_parser(f"agate.data_types.{module}.parsedatetime"))
        yield


@contextmanager
def _one_connection() -> Iterator[None]:
    """dbt closes its connection after every node; here the next node takes it over."""
    from dbt.adapters.postgres import connections

    kept: list[Any] = []
    connect = connections.psycopg2.connect

    def take(**options: Any) -> Any:
        return kept.pop() if kept else connect(**options)

    def keep(connection: Any) -> None:
        connection.handle.rollback()
        kept.append(connection.handle)

    with (
        patch.object(connections.psycopg2, "connect", take),
        patch.object(connections.PostgresConnectionManager, "_close_handle", staticmethod(keep)),
    ):
        yield
    for handle in kept:
        handle.close()


@contextmanager
def _one_date_parser(module: str) -> Iterator[None]:
    import parsedatetime

    names = ("Constants", "Calendar")
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(patch(f"{module}.{name}", functools.cache(getattr(parsedatetime, name))))
        yield
