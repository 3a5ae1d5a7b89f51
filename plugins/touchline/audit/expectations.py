"""Expectations of our own, cheaper than Great Expectations' for the same verdict.

Importing this imports Great Expectations (seconds), so import it inside functions.
"""

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

_FAILING = "table.failing_rows"
_ALL = "table.row_count"


class FailingRows(TableMetricProvider):
    """How many rows of the batch meet a condition; all such metrics of a batch are counted in one scan."""

    metric_name = _FAILING
    value_keys = ("condition",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _count(  # type: ignore[no-untyped-def]
        cls,  # noqa: N805
        execution_engine: SqlAlchemyExecutionEngine,  # noqa: ARG002
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],  # noqa: ARG002
        runtime_configuration: dict[str, Any],  # noqa: ARG002
    ):
        condition: sa.ColumnElement[bool] = sa.literal_column(f"({metric_value_kwargs['condition']})")
        return sa.func.count().filter(condition), metric_domain_kwargs, {}


class FailingRowsExpectation(BatchExpectation):
    """No row meets `condition`, SQL over the columns of the batch (`rows.failing_rows`).

    A column expectation of Great Expectations comes to the same verdict by some fifteen metrics for each column, and a
    query expectation by a scan for each query.
    """

    condition: str
    success_keys: ClassVar[tuple[str, ...]] = ("condition",)

    def get_validation_dependencies(
        self,
        execution_engine: ExecutionEngine[Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """The rows that fail, and all rows where the result is to tell their number."""
        needed = super().get_validation_dependencies(execution_engine, runtime_configuration)
        domain = dict.fromkeys(TableMetricProvider.domain_keys) | {"batch_id": self.batch_id}
        metrics: dict[str, dict[str, str]] = {_FAILING: {"condition": self.condition}}
        if needed.result_format["result_format"] != "BOOLEAN_ONLY":
            metrics[_ALL] = {}
        for name, values in metrics.items():
            needed.set_metric_configuration(name, MetricConfiguration(name, domain, values))
        return needed

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002
        execution_engine: ExecutionEngine[Any] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        found = metrics[_FAILING]
        return {"success": found == 0, "result": {"unexpected_count": found, "element_count": metrics.get(_ALL)}}


class CountedRowsExpectation(UnexpectedRowsExpectation):
    """`unexpected_rows_expectation` that only counts; the original runs the query again to fetch the rows."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> Any:
        counted = {**metrics, "unexpected_rows_query.table": []}
        return super()._validate(counted, runtime_configuration, execution_engine)
