"""Great Expectations driven so that nothing is lost: every check reports, a crash is told from a failure."""

import logging
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from touchline.audit.keys import example_keys
from touchline.audit.results import CheckResult, Outcome
from touchline.audit.suites import Check, Suite
from touchline.errors import TouchlineError

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

logger = logging.getLogger(__name__)

OBSERVED_LIMIT = 300


@dataclass(frozen=True, slots=True)
class SuiteTarget:
    """A suite and the rows it judges: a table of a schema, or the rows of a query."""

    suite: Suite
    schema: str | None = None
    table: str | None = None
    query: str | None = None

    def __post_init__(self) -> None:
        is_table = self.schema is not None and self.table is not None
        is_query = self.query is not None and self.schema is None and self.table is None
        if is_table == is_query or (is_table and self.query is not None):
            raise TouchlineError(
                "an audit target is either a schema and a table, or a query",
                where=self.suite.name,
                todo="give one of the two",
            )

    @property
    def sql(self) -> str:
        """The query that gives the rows under audit."""
        return self.query if self.query is not None else f'select * from "{self.schema}"."{self.table}"'


@contextmanager
def audit_session(engine_url: str) -> Iterator["AuditSession"]:
    """A Great Expectations context on the warehouse; its connections are closed on leaving.

    Raises TouchlineError when the database does not answer.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.datasource.fluent.interfaces import GxDatasourceWarning, TestConnectionError

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    url = sa.make_url(engine_url)
    try:
        with warnings.catch_warnings():
            # The data source it advises, add_postgres, refuses URLs of Unix sockets.
            warnings.simplefilter("ignore", GxDatasourceWarning)
            source = context.data_sources.add_sql("warehouse", connection_string=engine_url)
    except TestConnectionError as error:
        raise TouchlineError(
            "the warehouse does not answer, so nothing was audited",
            where=url.render_as_string(hide_password=True),
            todo="check that the server runs and that the URL is right",
        ) from error
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        yield AuditSession(source, engine)
    finally:
        # An idle reader would hold up the publisher's schema swap.
        source.get_execution_engine().close()
        source.get_engine().dispose()
        engine.dispose()


class AuditSession:
    """Runs suites one after the other over one connection pool."""

    def __init__(self, source: "SQLDatasource", engine: sa.Engine) -> None:
        self._source = source
        self._engine = engine
        self._batches = 0
        self._audited: set[str] = set()
        sa.event.listen(source.get_execution_engine().engine, "before_cursor_execute", self._without_rows, retval=True)

    def run(self, target: SuiteTarget) -> list[CheckResult]:
        """One result per check of the suite, in the suite's order."""
        suite = target.suite
        try:
            batch = self._batch(target)
            results = _validate(batch, suite.checks, "BOOLEAN_ONLY")
            outcomes = match_outcomes(suite, results)
            failed = [check for check in suite.checks if outcomes[check.id][0] == "failed"]
            details = self._measure(batch, failed)
        except TouchlineError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stops the tool, the verdict is "crashed", not silence
            logger.warning("the audit suite %s crashed: %s", suite.name, type(error).__name__)
            return [check_result(suite, check, "crashed", first_line(error)) for check in suite.checks]
        return [self._report(target, check, outcomes[check.id], details.get(check.id, {})) for check in suite.checks]

    def _without_rows(
        self, _connection: object, _cursor: object, statement: str, parameters: object, *_: object
    ) -> tuple[str, object]:
        # To learn the column names Great Expectations selects every row under audit into memory.
        return (f"{statement} limit 0" if statement in self._audited else statement), parameters

    def _batch(self, target: SuiteTarget) -> "Batch":
        self._batches += 1
        name = f"{target.suite.name}#{self._batches}"
        self._audited.add(target.sql)
        asset = self._source.add_query_asset(name, query=target.sql)
        return asset.get_batch(asset.build_batch_request())

    def _measure(self, batch: "Batch", failed: list[Check]) -> dict[str, Mapping[str, Any]]:
        # Counting costs twice as much as judging, so only what failed is counted.
        if not failed:
            return {}
        found = _validate(batch, failed, {"result_format": "BASIC", "partial_unexpected_count": 0})
        return {_id_of(result): result.result for result in found}

    def _report(
        self, target: SuiteTarget, check: Check, outcome: tuple[Outcome, str], detail: Mapping[str, Any]
    ) -> CheckResult:
        if outcome[0] != "failed":
            return check_result(target.suite, check, *outcome)
        observed, count = _describe(check, detail)
        return check_result(target.suite, check, "failed", observed, count, self._examples(target, check))

    def _examples(self, target: SuiteTarget, check: Check) -> tuple[str, ...]:
        try:
            with self._engine.connect() as connection:
                return example_keys(connection, target.sql, target.suite.key, check)
        except sa.exc.SQLAlchemyError as error:
            logger.warning("no example keys for %s/%s: %s", target.suite.name, check.id, type(error).__name__)
            return ()


def match_outcomes(suite: Suite, results: Iterable["ExpectationValidationResult"]) -> dict[str, tuple[Outcome, str]]:
    """Outcome and reason by check id; a check without a result counts as crashed.

    Raises TouchlineError for a result that belongs to no check of the suite.
    """
    outcomes: dict[str, tuple[Outcome, str]] = {
        check.id: ("crashed", "Great Expectations returned no result for this check") for check in suite.checks
    }
    for result in results:
        check_id = _id_of(result)
        if check_id not in outcomes:
            raise TouchlineError(
                f"a result for the unknown check {check_id!r} came back",
                where=suite.name,
                todo="check that the installed Great Expectations is the one of the lock file",
            )
        outcomes[check_id] = _outcome(result)
    return outcomes


def _validate(batch: "Batch", checks: Iterable[Check], result_format: Any) -> list["ExpectationValidationResult"]:
    import great_expectations as gx

    expectations = [check.to_judge() for check in checks]
    suite = gx.ExpectationSuite(name="checks", expectations=expectations)
    return list(batch.validate(suite, result_format=result_format).results)


def _id_of(result: "ExpectationValidationResult") -> str:
    meta = result.expectation_config.meta if result.expectation_config else None
    return str((meta or {}).get("id"))


def _outcome(result: "ExpectationValidationResult") -> tuple[Outcome, str]:
    info = result.exception_info or {}
    # The dictionary has two shapes: one exception, or one per metric that raised.
    raised = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry.get("exception_message")) for entry in raised if entry.get("raised_exception")]
    if messages:
        return "crashed", _shorten(messages[0])
    return ("passed", "as expected") if result.success else ("failed", "")


def _describe(check: Check, detail: Mapping[str, Any]) -> tuple[str, int | None]:
    if (count := detail.get("unexpected_count")) is not None:
        share = f" ({count / total:.2%})" if (total := detail.get("element_count")) else ""
        return f"{count} of {total} rows{share} are not as expected", int(count)
    observed = detail.get("observed_value")
    if check.type == "unexpected_rows_expectation":
        return f"{observed} rows are not as expected", int(observed or 0)
    return _shorten(f"observed {observed}"), None


def check_result(
    suite: Suite,
    check: Check,
    outcome: Outcome,
    observed: str,
    count: int | None = None,
    keys: tuple[str, ...] = (),
) -> CheckResult:
    """A result of a check, with what its file says of it."""
    return CheckResult(
        suite=suite.name,
        check_id=check.id,
        severity=check.severity,
        outcome=outcome,
        observed=observed,
        unexpected_count=count,
        example_keys=keys,
        owner=suite.owner,
        why=check.why,
        next_step=check.next_step,
    )


def first_line(error: Exception) -> str:
    """Class and first line of an error: later ones can quote a row."""
    return _shorten(f"{type(error).__name__}: {error}")


def _shorten(text: str) -> str:
    # Later lines of a database error can quote the row it failed on.
    line = text.strip().splitlines()[0] if text.strip() else "no message"
    return line if len(line) <= OBSERVED_LIMIT else f"{line[: OBSERVED_LIMIT - 1]}…"
