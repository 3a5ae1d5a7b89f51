"""The query expectation without its second run; imports Great Expectations, so import it inside functions."""

from typing import Any, ClassVar

from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation


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
