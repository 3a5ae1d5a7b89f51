"""Audits on a real Postgres with real Great Expectations runs."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from support.empty_marts import create_marts
from touchline import warehouse
from touchline.audit import LoadToAudit, audit_marts, load_auditor, run_suites
from touchline.audit.results import AuditResult, CheckResult
from touchline.audit.session import SuiteTarget, audit_session, match_outcomes
from touchline.audit.suites import Check, Suite, load_suite, load_suites
from touchline.errors import TouchlineError
from touchline.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
EXPECTATIONS = PROJECT / "expectations"
RAW_SUITES = sorted((EXPECTATIONS / "raw").glob("*/*.json"))

# Ten sales of 1 to 10; the third and the seventh carry a negative amount.
SALES = """
create schema shop;
create table shop.sales as
select 's' || to_char(n, 'FM00') as sale_id, n as line_no, case when n in (3, 7) then -n else n end as amount,
    n as opened, n + case when n = 5 then -1 else 1 end as closed, case when n > 2 then 'web' end as channel
from generate_series(1, 10) as n
"""


@pytest.fixture
def engine(postgres_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def sales_url(postgres_url: str, engine: sa.Engine) -> str:
    with engine.begin() as connection:
        connection.exec_driver_sql(SALES)
    return postgres_url


def between(check_id: str, low: int, high: int, *, severity: str = "critical", column: str = "amount") -> Check:
    return check(
        check_id,
        "expect_column_values_to_be_between",
        {"column": column, "min_value": low, "max_value": high},
        severity,
    )


def check(check_id: str, kind: str, kwargs: dict[str, Any], severity: str = "critical") -> Check:
    assert severity in ("critical", "warning")
    return Check(check_id, kind, kwargs, "warning" if severity == "warning" else "critical", "Because.", "Do it.")


def sales(*checks: Check) -> SuiteTarget:
    suite = Suite("shop/sales", "sales", "Sales.", "shop owner", ("sale_id",), checks)
    return SuiteTarget(suite, schema="shop", table="sales")


def by_id(result: AuditResult) -> dict[str, CheckResult]:
    return {check.check_id: check for check in result.checks}


def test_everything_as_expected_passes(sales_url: str) -> None:
    result = run_suites(sales_url, [sales(between("wide", -10, 10), between("lines", 1, 10, column="line_no"))])
    assert result.verdict == "passed"
    assert [check.outcome for check in result.checks] == ["passed", "passed"]


def test_failed_warning_lets_the_audit_pass(sales_url: str) -> None:
    result = run_suites(sales_url, [sales(between("wide", -10, 10), between("sign", 0, 10, severity="warning"))])
    assert result.verdict == "passed_with_warnings"
    assert result.is_fit


def test_failed_critical_fails_and_names_rows(sales_url: str) -> None:
    result = run_suites(sales_url, [sales(between("sign", 0, 10))])
    found = by_id(result)["sign"]
    assert result.verdict == "failed"
    assert (found.outcome, found.unexpected_count, found.example_keys) == ("failed", 2, ("s03", "s07"))
    assert found.observed == "2 of 10 rows (20.00%) are not as expected"


def test_crashed_warning_blocks(sales_url: str) -> None:
    missing = between("no_such_column", 0, 1, severity="warning", column="colour")
    result = run_suites(sales_url, [sales(between("wide", -10, 10), missing)])
    assert {name: found.outcome for name, found in by_id(result).items()} == {
        "wide": "passed",
        "no_such_column": "crashed",
    }
    assert result.verdict == "crashed"
    assert not result.is_fit


def test_missing_table_crashes_every_check_of_its_suite_only(sales_url: str) -> None:
    target = sales(between("a", -10, 10), between("b", -10, 10))
    result = run_suites(sales_url, [replace(target, table="gone"), target])
    assert [found.outcome for found in result.checks] == ["crashed", "crashed", "passed", "passed"]


def test_crash_is_worse_than_failure(sales_url: str) -> None:
    result = run_suites(sales_url, [sales(between("sign", 0, 10), between("gone", 0, 1, column="colour"))])
    assert result.verdict == "crashed"
    assert [found.check_id for found in result.failing] == ["gone", "sign"]


def test_query_limits_the_rows_under_audit(sales_url: str) -> None:
    suite = sales(between("sign", 0, 10)).suite
    query = "select * from shop.sales where line_no <= 3"
    result = run_suites(sales_url, [SuiteTarget(suite, query=query)])
    assert by_id(result)["sign"].unexpected_count == 1
    assert by_id(result)["sign"].example_keys == ("s03",)


@pytest.mark.parametrize(
    ("kind", "kwargs", "keys"),
    [
        ("expect_column_values_to_not_be_null", {"column": "channel"}, ("s01", "s02")),
        (
            "expect_column_values_to_be_in_set",
            {"column": "amount", "value_set": [1, 2, 4, 5, 6, 8, 9, 10]},
            ("s03", "s07"),
        ),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "closed", "column_B": "opened", "or_equal": True},
            ("s05",),
        ),
        (
            "expect_column_values_to_be_between",
            {"column": "line_no", "max_value": 9, "strict_max": True},
            ("s09", "s10"),
        ),
        (
            "unexpected_rows_expectation",
            {"unexpected_rows_query": "select * from {batch} where amount < -3"},
            ("s07",),
        ),
        (
            "unexpected_rows_expectation",
            {"unexpected_rows_query": "select a.* from {batch} as a join {batch} as b on a.line_no = -b.amount"},
            ("s03", "s07"),
        ),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select max(amount) from {batch}"}, ()),
        ("expect_column_mean_to_be_between", {"column": "line_no", "max_value": 5}, ()),
    ],
)
@pytest.mark.parametrize("as_query", [False, True])
def test_example_keys(sales_url: str, kind: str, kwargs: dict[str, Any], keys: tuple[str, ...], as_query: bool) -> None:
    target = sales(check("judged", kind, kwargs))
    if as_query:
        target = SuiteTarget(target.suite, query="select * from shop.sales")
    found = by_id(run_suites(sales_url, [target]))["judged"]
    assert (found.outcome, found.example_keys) == ("failed", keys)


def test_repeated_keys_are_shown_once_and_five_at_most(sales_url: str, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into shop.sales select * from shop.sales where line_no <= 7")
    unique = check("unique", "expect_compound_columns_to_be_unique", {"column_list": ["sale_id", "line_no"]})
    suite = replace(sales(unique).suite, key=("sale_id", "line_no"))
    found = by_id(run_suites(sales_url, [SuiteTarget(suite, schema="shop", table="sales")]))["unique"]
    assert found.unexpected_count == 14
    assert found.example_keys == ("s01/1", "s02/2", "s03/3", "s04/4", "s05/5")


def test_aggregates_say_what_was_observed(sales_url: str) -> None:
    mean = check("mean", "expect_column_mean_to_be_between", {"column": "line_no", "max_value": 5})
    # (1 + 2 + … + 10) / 10 = 5.5
    assert by_id(run_suites(sales_url, [sales(mean)]))["mean"].observed == "observed 5.5"


def test_results_are_matched_by_id_whatever_their_order(sales_url: str) -> None:
    from touchline.audit.session import _id_of, _validate

    target = sales(between("sign", 0, 10), between("wide", -10, 10), between("gone", 0, 1, column="colour"))
    with audit_session(sales_url) as session:
        results = _validate(session._batch(target), target.suite.checks, "BOOLEAN_ONLY")
    expected = {"sign": "failed", "wide": "passed", "gone": "crashed"}
    for order in (results, results[::-1]):
        assert {name: outcome for name, (outcome, _) in match_outcomes(target.suite, order).items()} == expected
    without_sign = [result for result in results if _id_of(result) != "sign"]
    assert match_outcomes(target.suite, without_sign)["sign"][0] == "crashed"
    smaller = replace(target.suite, checks=target.suite.checks[1:])
    with pytest.raises(TouchlineError, match="unknown check 'sign'"):
        match_outcomes(smaller, results)


def test_no_targets_and_no_checks_are_not_a_pass(sales_url: str) -> None:
    with pytest.raises(TouchlineError, match="nothing to audit"):
        run_suites(sales_url, [])
    assert AuditResult(()).verdict == "crashed"


def test_no_connection_stays_open(sales_url: str, engine: sa.Engine) -> None:
    run_suites(sales_url, [sales(between("sign", 0, 10))])
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    # the server takes a moment to see that a client has gone
    deadline = time.monotonic() + 10
    # each look is a statement of its own: within a transaction the server shows the same moment again
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(sa.text(others)):
            assert time.monotonic() < deadline, "a connection stays open"
            time.sleep(0.02)


def test_rows_under_audit_are_never_fetched(sales_url: str) -> None:
    query = "select * from shop.sales where line_no < 9"
    fetched: dict[str, int] = {}

    def note(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        fetched[statement] = cursor.rowcount

    sa.event.listen(sa.Engine, "after_cursor_execute", note)
    try:
        mean = check("mean", "expect_column_mean_to_be_between", {"column": "line_no", "max_value": 5})
        run_suites(sales_url, [SuiteTarget(sales(between("sign", 0, 10), mean).suite, query=query)])
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", note)
    assert fetched[f"{query} limit 0"] == 0
    assert query not in fetched


def test_unreachable_database_is_named_without_its_password() -> None:
    url = "postgresql+psycopg://auditor:hunter2@127.0.0.1:1/warehouse"
    with pytest.raises(TouchlineError, match="does not answer") as caught:
        run_suites(url, [sales(between("sign", 0, 10))])
    assert "127.0.0.1" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_result_as_json_is_plain(sales_url: str) -> None:
    result = run_suites(sales_url, [sales(between("sign", 0, 10), between("wide", -10, 10))])
    stored = json.loads(json.dumps(result.to_json()))
    assert stored["verdict"] == "failed"
    assert stored["counts"] == {"passed": 1, "failed": 1, "crashed": 0}
    assert stored["checks"][0]["example_keys"] == ["s03", "s07"]


# Suite files


def suite_document(**changes: Any) -> dict[str, Any]:
    entry = {
        "id": "has_rows",
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 1},
        "severity": "critical",
        "why": "Because.",
        "next_step": "Do it.",
    }
    document: dict[str, Any] = {
        "table": "sales",
        "description": "Sales.",
        "owner": "shop owner",
        "key": ["sale_id"],
        "expectations": [entry],
    }
    return document | changes


def entry(**changes: Any) -> list[dict[str, Any]]:
    return [suite_document()["expectations"][0] | changes]


def write_suite(folder: Path, document: Any, name: str = "sales.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not valid JSON"),
        ('{"table": "a", "table": "b"}', "'table' appears twice"),
        ([], "not a JSON object"),
        (suite_document(expectations=[]), "no expectations"),
        (suite_document(comment="x"), "unknown: comment"),
        ({"table": "sales"}, "missing: description, expectations, key, owner"),
        (suite_document(owner=" "), "owner is not a text"),
        (suite_document(key=[]), "key is not a list"),
        (suite_document(key=["email_token"]), "personal column"),
        (suite_document(expectations=["x"]), "not a JSON object"),
        (suite_document(expectations=entry(type="expect_rows_to_be_nice")), "unknown expectation type"),
        (suite_document(expectations=entry(severity="info")), "unknown severity 'info'"),
        (suite_document(expectations=entry(mostly=1)), "unknown: mostly"),
        (suite_document(expectations=entry(kwargs=[])), "kwargs is not a JSON object"),
        (suite_document(expectations=entry(kwargs={"min": 1})), "extra fields not permitted"),
        (suite_document(expectations=entry() + entry()), "'has_rows' is used more than once"),
        (
            suite_document(
                expectations=entry(
                    type="unexpected_rows_expectation",
                    kwargs={"unexpected_rows_query": "select * from shop.sales"},
                )
            ),
            "does not read {batch}",
        ),
    ],
)
def test_oddities_in_a_suite_are_refused(tmp_path: Path, document: Any, message: str) -> None:
    path = write_suite(tmp_path, document)
    with pytest.raises(TouchlineError) as caught:
        load_suite(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_error_names_the_entry(tmp_path: Path) -> None:
    second = entry(id="odd", type="expect_nothing")
    path = write_suite(tmp_path, suite_document(expectations=entry() + second))
    with pytest.raises(TouchlineError) as caught:
        load_suite(path)
    assert caught.value.where == f"{path}, expectation 2 (odd)"


def test_folder_of_suites(tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="no audit suite"):
        load_suites(tmp_path)
    write_suite(tmp_path, suite_document())
    assert load_suites(tmp_path).keys() == {"sales"}
    write_suite(tmp_path, suite_document(), "other.json")
    with pytest.raises(TouchlineError, match="for table 'sales'"):
        load_suites(tmp_path)


# Loads


@pytest.fixture
def raw_engine(postgres_url: str, engine: sa.Engine, tmp_path: Path) -> sa.Engine:
    """A migrated warehouse with its raw tables and the ledger."""
    warehouse.migrate(Settings(home=tmp_path, project_dir=PROJECT, database_url=SecretStr(postgres_url)))
    return engine


def audit_loads(engine: sa.Engine, loads: list[LoadToAudit], expectations: Path) -> dict[int, AuditResult]:
    with load_auditor(engine, loads, expectations) as audit_load:
        return {load.load_id: audit_load(load.load_id) for load in loads}


def columns_of(engine: sa.Engine, schema: str, table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(engine).get_columns(table, schema=schema)}


def load_of(path: Path, load_id: int = 1) -> LoadToAudit:
    return LoadToAudit(load_id, source="shop", kind=path.parent.name, entity=path.stem)


def test_there_is_a_raw_suite_for_every_entity_with_a_contract() -> None:
    contracts = (EXPECTATIONS / "contracts").glob("*/*.odcs.yaml")
    entities = {f"{path.parent.name}/{path.name.removesuffix('.odcs.yaml')}" for path in contracts}
    assert {f"{path.parent.name}/{path.stem}" for path in RAW_SUITES} == entities


def test_shipped_raw_suites_run_on_the_raw_tables(raw_engine: sa.Engine) -> None:
    for suite in map(load_suite, RAW_SUITES):
        assert set(suite.key) <= columns_of(raw_engine, "raw", suite.table), suite.name
    loads = [load_of(path, number) for number, path in enumerate(RAW_SUITES)]
    results = audit_loads(raw_engine, loads, EXPECTATIONS)
    # An empty load crashes nothing (every column and query is right) and is told by one warning.
    assert {load_id: result.verdict for load_id, result in results.items()} == {
        load.load_id: "passed_with_warnings" for load in loads
    }
    assert {found.check_id for result in results.values() for found in result.failing} == {"has_rows"}


SALES_LOAD = """
insert into raw.pos_transactions (transaction_id, location_id, customer_ref, channel, opened_at, closed_at, status,
    total, currency, _source, _load_id, _record_number, _version_at, _payload_hash, _loaded_at)
select 't' || n, 'l1', 'c' || n, 'store', closed_at - interval '5 minutes', closed_at, 'completed', {total}, 'EUR',
    'shop', {load_id}, n, closed_at, gen_random_uuid(), timestamptz '2026-01-02 00:00:00+00'
from generate_series(1, 200) as n, lateral (select {closed_at} as closed_at) as times
"""
ACCEPTED = """
insert into ops.loads (load_id, source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
    mapping_fingerprint, state, started_at) overriding system value
values ({load_id}, 'shop', 'sales', 'pos', 'shop', 'f', '{load_id}', 1, now(), 'm', '{state}', now());
insert into ops.load_entities values ({load_id}, 'transactions', 200)
"""


def put_load(
    engine: sa.Engine,
    load_id: int,
    *,
    total: str = "10 + n",
    closed_at: str = "timestamptz '1997-06-01 12:00:00+00' + n * interval '1 hour'",
    state: str = "loaded",
) -> LoadToAudit:
    with engine.begin() as connection:
        connection.exec_driver_sql(SALES_LOAD.format(total=total, load_id=load_id, closed_at=closed_at))
        connection.exec_driver_sql(ACCEPTED.format(load_id=load_id, state=state))
    return LoadToAudit(load_id, source="shop", kind="pos", entity="transactions")


def failing_checks(engine: sa.Engine, load: LoadToAudit) -> set[str]:
    return {found.check_id for found in audit_loads(engine, [load], EXPECTATIONS)[load.load_id].failing}


def test_old_but_sound_sales_pass(raw_engine: sa.Engine) -> None:
    load = put_load(raw_engine, 1)
    assert audit_loads(raw_engine, [load], EXPECTATIONS)[1].verdict == "passed"


@pytest.mark.parametrize(
    ("total", "closed_at", "expected"),
    [
        # 120 of 200 totals are negative: above one half.
        (
            "case when n <= 120 then -n else n end",
            None,
            {"totals_mostly_not_negative", "few_negative_totals"},
        ),
        # 50 of 200 are negative: above one fifth, below one half.
        ("case when n <= 50 then -n else n end", None, {"few_negative_totals"}),
        ("case when n <= 101 then 0 else n end", None, {"few_zero_totals"}),
        # Three of 200 are more than one in a hundred, two are not.
        (
            None,
            "timestamptz '2025-12-01 00:00:00+00' + case when n <= 3 then interval '40 days' else interval '0' end",
            {"closed_at_mostly_past", "closed_at_not_in_future"},
        ),
        (
            None,
            "timestamptz '2025-12-01 00:00:00+00' + case when n <= 2 then interval '40 days' else interval '0' end",
            {"closed_at_not_in_future"},
        ),
        (None, "timestamptz '1970-01-01 00:00:00+00'", {"closed_at_is_plausibly_old"}),
    ],
)
def test_unfit_sales_are_found(
    raw_engine: sa.Engine, total: str | None, closed_at: str | None, expected: set[str]
) -> None:
    changes = {name: value for name, value in (("total", total), ("closed_at", closed_at)) if value is not None}
    # Versions stay in the past, so that only the planted trouble is found.
    load = put_load(raw_engine, 1, **changes)
    with raw_engine.begin() as connection:
        connection.exec_driver_sql("update raw.pos_transactions set _version_at = least(_version_at, _loaded_at)")
    assert failing_checks(raw_engine, load) == expected


def test_change_of_unit_is_found_against_the_accepted_load_before(raw_engine: sa.Engine) -> None:
    put_load(raw_engine, 1, state="accepted")
    cents = put_load(raw_engine, 2, total="100 * (10 + n)", state="rejected")
    assert failing_checks(raw_engine, cents) == {"total_unit_unchanged"}
    # The rejected load is no yardstick for the corrected one.
    assert failing_checks(raw_engine, put_load(raw_engine, 3)) == set()


def test_scores_off_their_scale_are_found(raw_engine: sa.Engine) -> None:
    with raw_engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into raw.crm_survey_responses (response_id, survey_type, survey_version, responded_at, score,"
            " scale_min, scale_max, higher_is_better, _source, _load_id, _record_number, _version_at, _payload_hash,"
            " _loaded_at) select 'r' || n, 'csat', '1', timestamptz '2020-01-01', case when n <= 2 then 6"
            " else mod(n, 5) + 1 end, 1, 5, true, 'shop', 1, n, timestamptz '2020-01-01', gen_random_uuid(), now()"
            " from generate_series(1, 100) as n"
        )
    load = LoadToAudit(1, source="shop", kind="crm", entity="survey_responses")
    result = audit_loads(raw_engine, [load], EXPECTATIONS)[1]
    # Two of a hundred are more than one in a hundred.
    assert {found.check_id for found in result.failing} == {"score_not_above_scale", "scores_mostly_on_scale"}
    assert by_id(result)["score_not_above_scale"].example_keys == ("r1", "r2")


def test_suite_of_a_source_goes_before_the_one_of_its_kind(raw_engine: sa.Engine, tmp_path: Path) -> None:
    for folder, check_id in (("pos", "shared"), ("shop", "own")):
        (tmp_path / "raw" / folder).mkdir(parents=True)
        document = suite_document(table="pos_transactions", expectations=entry(id=check_id))
        write_suite(tmp_path / "raw" / folder, document, "transactions.json")
    load = put_load(raw_engine, 1)
    own = audit_loads(raw_engine, [load, replace(load, load_id=2, source="other")], tmp_path)
    assert by_id(own[1]).keys() == {"own"}
    assert by_id(own[2]).keys() == {"shared"}


def test_entity_without_a_suite_is_refused(raw_engine: sa.Engine) -> None:
    assert audit_loads(raw_engine, [], EXPECTATIONS) == {}
    with pytest.raises(TouchlineError, match="cannot be read"):
        audit_loads(raw_engine, [LoadToAudit(1, source="shop", kind="pos", entity="dreams")], EXPECTATIONS)


# Marts


def test_shipped_mart_suites_cover_the_models_and_know_their_columns(engine: sa.Engine) -> None:
    names = create_marts(engine)
    assert names == load_suites(EXPECTATIONS / "marts").keys()
    for suite in load_suites(EXPECTATIONS / "marts").values():
        assert set(suite.key) <= columns_of(engine, "marts_next", suite.table), suite.name
    result = audit_marts(engine, 1, EXPECTATIONS)
    failing = {f"{found.suite}/{found.check_id}": found.outcome for found in result.failing}
    # Facts may be empty: a warehouse need not have every kind of source.
    assert failing == {"marts/dim_channels/has_rows": "failed"}


def test_marts_and_suites_must_match(sales_url: str, engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    write_suite(tmp_path / "marts", suite_document())
    assert audit_marts(engine, 7, tmp_path, schema="shop").verdict == "passed"
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table shop.sales rename to sold")
    result = audit_marts(engine, 7, tmp_path, schema="shop")
    assert result.verdict == "failed"
    assert {(found.suite, found.check_id) for found in result.failing} == {
        ("marts/sales", "table_exists"),
        ("marts/sold", "suite_exists"),
    }


def test_wrong_parts_in_a_report_are_found(engine: sa.Engine) -> None:
    create_marts(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into marts_next.rpt_contact_center_intervals (brand, source, queue_id, channel, interval_start_at,"
            " contacts, offered, answered, answered_within_threshold, abandoned_calls,"
            " abandoned_in_queue,"
            " abandoned_in_self_service, abandoned_within_threshold, short_abandoned, answered_queue_seconds, handled,"
            " interaction_seconds, hold_seconds, after_contact_work_seconds, handle_seconds)"
            " values ('b', 's', 'q', 'phone', '2026-01-01 09:00+00',"
            " 12, 10, 7, 5, 2, 2, 0, 1, 1, 70, 7, 100, 0, 20, 120)"
        )
    suite = "marts/rpt_contact_center_intervals"
    failing = [found for found in audit_marts(engine, 1, EXPECTATIONS).failing if found.suite == suite]
    # 7 answered + 2 abandoned in the queue ≠ 10 offered; 100 + 0 + 20 = 120 is right.
    assert [found.check_id for found in failing] == ["offered_adds_up"]
    assert failing[0].example_keys[0].startswith("b/s/q/phone/2026-01-01 ")
