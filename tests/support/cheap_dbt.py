"""What dbt spends beside its queries, saved where builds are tiny and many: half of their time otherwise."""

import functools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import jinja2


@contextmanager
def cheap_dbt() -> Iterator[None]:
    """Inside, one process runs dbt with one connection, without events, and compiles each template once."""
    with ExitStack() as stack:
        stack.enter_context(_one_connection())
        # events nobody reads are a fifth of the processor's time
        stack.enter_context(patch("dbt_common.events.event_manager.EventManager.fire_event", lambda *_, **__: None))
        stack.enter_context(patch("dbt_common.events.base_types.ParseDict", lambda _, message: message))
        # ... and naming the caller of each flag reads the source of every module on the stack: nine tenths of it
        flag = "dbt_common.behavior_flags.BehaviorFlagRendered._default_source"
        stack.enter_context(patch(flag, lambda _: "dbt"))
        # a file about the graph that nobody reads
        stack.enter_context(patch("dbt.compilation.Linker.get_graph_summary", lambda *_: {}))
        stack.enter_context(patch("jinja2.Environment.compile", _compiled_once))
        stack.enter_context(patch("dbt.context.macros.MacroNamespaceBuilder.build_namespace", _namespace))
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


_compile = jinja2.Environment.compile
_templates: dict[tuple[type[jinja2.Environment], str], Any] = {}


def _compiled_once(environment: jinja2.Environment, source: Any, *given: Any, **options: Any) -> Any:
    """Environments of one class compile alike; the models are the same ones build after build."""
    if given or options or not isinstance(source, str):
        return _compile(environment, source, *given, **options)
    known = (type(environment), source)
    if known not in _templates:
        _templates[known] = _compile(environment, source)
    return _templates[known]


def _namespace(builder: Any, macros_by_package: dict[str, dict[str, Any]], ctx: dict[str, Any]) -> Any:
    """What dbt's own makes, of hundreds of macros and several times for each node, by as little as can be."""
    from dbt.clients.jinja import MacroGenerator

    packages = {
        package: {name: MacroGenerator(macro, ctx, builder.node, builder.thread_ctx) for name, macro in macros.items()}
        for package, macros in macros_by_package.items()
    }
    common: dict[str, Any] = {}
    for package in reversed(builder.internal_package_names_order):
        common |= packages.get(package, {})
    others = {name: own for name, own in packages.items() if name not in builder.internal_package_names}
    own, root = (others.get(name, {}) for name in (builder.search_package, builder.root_package))
    return _searched_once()(root, own, common, others)


@functools.cache
def _searched_once() -> type[Any]:
    from dbt.context.macros import MacroNamespace

    class SearchedOnce(MacroNamespace):
        """All names at once: what is found first is what is put in last."""

        def __init__(self, root: Any, own: Any, common: Any, others: Any) -> None:
            super().__init__(root, own, common, others)
            self.found = {**common, "dbt": common, **others, **root, **own}

        def keys(self) -> Any:
            return self.found.keys()

        def _keys(self) -> Any:
            return self.found.keys()

        def __getitem__(self, key: str) -> Any:
            return self.found[key]

    return SearchedOnce
