"""The audit of a build: every mart by its suite, row checks on what changed, figures against the published build."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from touchline.audit import changes, comparison, figures
from touchline.audit.changes import Changes
from touchline.audit.comparison import Compared, Published
from touchline.audit.figures import Sums
from touchline.audit.results import AuditResult, CheckResult
from touchline.audit.session import AuditSession, SuiteTarget, audit_session, check_result, first_line
from touchline.audit.suites import Check, Suite, load_suites

NEVER = Published(None, "it is the first build")


def audit_marts(
    engine: sa.Engine,
    build_id: int,
    expectations_dir: Path,
    schema: str = "marts_next",
    *,
    published: Published = NEVER,
    kept_keys: Mapping[str, str] | None = None,
    is_full: bool = True,
) -> AuditResult:
    """Judge every mart of a build by its suite in `marts/<model>.json`.

    A table without a suite and a suite without a table are critical failures; a check of the files without a result is
    a crash. `kept_keys` are the marts kept by key: unless `is_full`, their rows are looked at where they have changed.
    Raises TouchlineError when a suite is not valid or the database does not answer.
    """
    suites = load_suites(expectations_dir / "marts")
    tables = set(sa.inspect(engine).get_table_names(schema=schema))
    results = [_coverage_failure(name, schema, build_id, suites) for name in sorted(tables ^ suites.keys())]
    names = sorted(tables & suites.keys())
    if not names:
        return AuditResult(tuple(results))
    keys = kept_keys or {}
    plan = changes.Plan(True) if is_full else changes.plan(engine, build_id, schema, suites, keys)
    url = engine.url.render_as_string(hide_password=False)
    sums: dict[str, Sums] = {}
    with audit_session(url) as session, engine.connect() as connection:
        for name in names:
            changed = plan.changed.get(name)
            found = _run_gx(session, suites[name], schema, changed)
            compared, known = _compare_all(connection, suites[name], schema, published, changed)
            results += complete(suites[name], found + compared)
            if name in keys:
                sums[name] = known
    fingerprints = {suites[name].name: changes.fingerprint(suites[name]) for name in names}
    return AuditResult(tuple(results), fingerprints, plan.is_full, sums)


def complete(suite: Suite, found: Sequence[CheckResult]) -> list[CheckResult]:
    """One result for each check of the file, in its order; one that has none has crashed."""
    by_id = {result.check_id: result for result in found}
    return [
        by_id.get(check.id) or check_result(suite, check, "crashed", "the check did not run") for check in suite.checks
    ]


def _run_gx(session: AuditSession, suite: Suite, schema: str, changed: Changes | None) -> list[CheckResult]:
    checks = [check for check in suite.checks if check.type not in comparison.TYPES]
    of_rows = [check for check in checks if changed and changes.is_of_rows(check, changed.key)]
    of_tables = [check for check in checks if check not in of_rows]
    found: list[CheckResult] = []
    if of_tables:
        part = replace(suite, checks=tuple(of_tables))
        found += session.run(SuiteTarget(part, schema=schema, table=suite.table))
    if changed and of_rows:
        found += session.run(SuiteTarget(replace(suite, checks=tuple(of_rows)), query=changed.rows(schema)))
    return found


def _compare_all(
    connection: sa.Connection, suite: Suite, schema: str, published: Published, changed: Changes | None
) -> tuple[list[CheckResult], Sums]:
    """The comparisons of one mart, and the sums over all of its rows."""
    checks = [check for check in suite.checks if check.type in comparison.TYPES]
    if published.schema is None:
        reason = f"nothing to compare with: {published.reason}"
        return [check_result(suite, check, "passed", reason) for check in checks], {}
    if not checks:
        return [], {}
    fresh, old = (f'"{name}"."{suite.table}"' for name in (schema, published.schema))
    measures = [check.kwargs["measure"] for check in checks if check.type == comparison.LIKE_PUBLISHED]
    with connection.begin():
        is_there = connection.scalar(sa.text("select to_regclass(:name)"), {"name": old}) is not None
        reckoned = None
        if changed and is_there:
            gone, come = changed.rows(published.schema), changed.rows(schema)
            reckoned = figures.bring_up(connection, measures, changed.sums, gone, come)
        now, before = reckoned or (
            figures.measure(connection, fresh, measures),
            figures.measure(connection, old, measures) if is_there else None,
        )

        def compare(check: Check) -> Compared:
            if check.type == comparison.LIKE_PUBLISHED or not is_there:
                return comparison.judge(check.kwargs, now, before)
            return comparison.weekdays(connection, check.kwargs, fresh, old)

        return [_compare(connection, suite, check, compare) for check in checks], now.sums


def _compare(
    connection: sa.Connection, suite: Suite, check: Check, compare: Callable[[Check], Compared]
) -> CheckResult:
    try:
        with connection.begin_nested():
            found = compare(check)
    except sa.exc.SQLAlchemyError as error:
        found = Compared("crashed", first_line(error))
    return check_result(suite, check, found.outcome, found.observed, keys=found.days)


def _coverage_failure(name: str, schema: str, build_id: int, suites: dict[str, Suite]) -> CheckResult:
    is_suite = name in suites
    return CheckResult(
        suite=f"marts/{name}",
        check_id="table_exists" if is_suite else "suite_exists",
        severity="critical",
        outcome="failed",
        observed=f"build {build_id}: {schema}.{name} " + ("has a suite but no table" if is_suite else "has no suite"),
        unexpected_count=None,
        example_keys=(),
        owner=suites[name].owner if is_suite else "data platform",
        why="A mart nobody checked must not reach a reader.",
        next_step="Look why the model was not built, or delete its suite."
        if is_suite
        else f"Write expectations/marts/{name}.json, or remove the table.",
    )
