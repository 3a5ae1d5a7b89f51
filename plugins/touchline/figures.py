"""Figures by name: metrics of dbt's semantic layer, computed over the published marts as bi_reader.

MetricFlow writes the SQL from the semantic manifest that dbt left with the published build. It is an extra, `semantic`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchline import builds, warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine

BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that can be asked for; `group_by` are the dimensions and entities it can be told by."""

    name: str
    description: str
    group_by: tuple[str, ...]


def metrics(settings: Settings) -> list[Metric]:
    """All figures, by name. Raises TouchlineError as `sql` does."""
    engine = _engine(_manifest(settings))
    return sorted(
        (
            Metric(found.name, found.description or "", _names(engine, found.name))
            for found in engine.list_metrics(include_dimensions=False)
        ),
        key=lambda metric: metric.name,
    )


def sql(settings: Settings, names: Sequence[str], by: Sequence[str] = (), where: Sequence[str] = ()) -> str:
    """The query for some figures: a row for each brand, as brands never mix, and each combination of `by`.

    `where`: conditions in MetricFlow's notation, `{{ Dimension('sale__channel') }} = 'web'`.

    Raises TouchlineError without the extra, before the first publication, and for what the semantic layer refuses.
    """
    return compile_query(_manifest(settings), names, by, where)


def compile_query(manifest: str, names: Sequence[str], by: Sequence[str] = (), where: Sequence[str] = ()) -> str:
    """As `sql`, of a semantic manifest as dbt writes it."""
    engine = _engine(manifest)
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest, OutputColumnOrderMode
    from metricflow_semantics.errors.error_classes import MetricFlowException

    grain = list(dict.fromkeys([BRAND, *by]))
    request = MetricFlowQueryRequest.create(
        metric_names=list(names),
        group_by_names=grain,
        order_by_names=grain,
        where_constraints=list(where) or None,
        output_column_order_mode=OutputColumnOrderMode.INPUT_ORDER,
    )
    try:
        return str(engine.explain(request).sql_statement.without_descriptions.sql)
    except MetricFlowException as error:
        raise TouchlineError(
            _told(str(error)),
            where=", ".join(names),
            todo="`touchline figures` lists the figures and what they can be told by",
        ) from error


def _engine(manifest: str) -> "MetricFlowEngine":
    try:
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
        from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
    except ImportError as error:
        raise TouchlineError(
            "figures by name need MetricFlow",
            where=str(error),
            todo="install the extra: pip install 'touchline[semantic]'",
        ) from error

    class Dialect:
        """What the engine must know of a database to write SQL for it; the query is run as any other."""

        sql_engine_type = SqlEngine.POSTGRES
        sql_plan_renderer = PostgresSQLSqlPlanRenderer()

    published = json.dumps(_published(json.loads(manifest)))
    lookup = SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(published))
    return MetricFlowEngine(lookup, Dialect())  # type: ignore[arg-type]


def _manifest(settings: Settings) -> str:
    publication = builds.latest_publication(warehouse.engine(settings))
    if publication is None:
        raise TouchlineError("nothing is published yet", where="schema marts", todo="`touchline run`")
    path = Path(settings.home) / "dbt" / f"build_{publication.build_id}" / "semantic_manifest.json"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise TouchlineError(
            f"what dbt knew of build {publication.build_id} is not here: {error.strerror}",
            where=str(path),
            todo="ask where the build was made, or build again: `touchline run`",
        ) from error


def _published(node: Any) -> Any:
    """The manifest with each table where readers see it: it was built in a slot that has been renamed since."""
    if isinstance(node, list):
        return [_published(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: _published(value) for name, value in node.items()}
    if "relation_name" in found and "schema_name" in found:
        found |= {"schema_name": "marts", "database": None, "relation_name": f'"marts"."{found["alias"]}"'}
    return found


def _names(engine: "MetricFlowEngine", metric: str) -> tuple[str, ...]:
    entities = (entity.name for entity in engine.entities_for_metrics([metric]))
    dimensions = (
        dimension.granularity_free_dunder_name for dimension in engine.simple_dimensions_for_metrics([metric])
    )
    return tuple(sorted({*entities, *dimensions}))


def _told(text: str) -> str:
    """The first message of an error that fills pages, and the names it takes for likely."""
    message = re.search(r"Message:\s*(.+?)(?:\.|:?\n\n|$)", text, re.DOTALL)
    suggestions = re.search(r"Suggestions:\s*\[(.*?)\n\s*\]", text, re.DOTALL)
    said = " ".join((message[1] if message else text).split())[:300]
    likely = " ".join(suggestions[1].replace("'", "").split()).rstrip(",") if suggestions else ""
    return f"{said}; did you mean one of {likely}?" if likely else said
