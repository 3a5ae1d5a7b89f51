"""Row checks on changed keys alone, overrides of failed checks, and the commands; a real warehouse, a planted fault."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from support.empty_marts import create_marts
from touchline import ledger, steps, warehouse
from touchline.audit import overrides
from touchline.audit.changes import is_of_rows
from touchline.audit.comparison import Published
from touchline.audit.marts import audit_marts
from touchline.audit.results import AuditResult
from touchline.audit.suites import Check
from touchline.cli.app import app
from touchline.errors import TouchlineError
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROWS = 50_000
"""As many as it takes for a table not to be looked at as a whole."""


def check(check_id: str, kind: str, **kwargs: Any) -> dict[str, Any]:
    words = {"severity": "critical", "why": "Because.", "next_step": "Do it."}
    return {"id": check_id, "type": kind, "kwargs": kwargs, **words}


SUITE = {
    "table": "sales",
    "description": "Sales.",
    "owner": "shop owner",
    "key": ["sale_key"],
    "expectations": [
        check("total_in_range", "expect_column_values_to_be_between", column="total", min_value=0),
        check("key_is_unique", "expect_column_values_to_be_unique", column="sale_key"),
        check("has_rows", "expect_table_row_count_to_be_between", min_value=ROWS),
        check("not_lost", "like_published_build", measure="count(*)", at_least=0.9999),
    ],
}


@pytest.fixture(scope="module")
def settings(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("changes")
    made = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(made)
    return made


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    engine = warehouse.engine(settings)
    yield engine
    execute(
        engine,
        "drop schema if exists marts_next cascade",
        "drop schema if exists before cascade",
        "truncate ops.builds, changes.changed_keys restart identity cascade",
    )
    engine.dispose()


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def begin_build(engine: Engine) -> int:
    sql = (
        "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)"
        " values (now(), false, '', 'building') returning build_id"
    )
    with engine.begin() as connection:
        return int(connection.scalar(text(sql)))


class Shop:
    """A mart of 50,000 sales that was audited whole and published in build 1; build 2 changed sale 7 alone."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        (folder / "marts").mkdir()
        self.write(SUITE)
        execute(
            engine,
            "create schema marts_next",
            "create table marts_next.sales as"
            f" select 's' || n as sale_key, n as total from generate_series(1, {ROWS}) as n",
            "analyze marts_next.sales",
            "create schema before",
            "create table before.sales as select * from marts_next.sales",
        )
        begin_build(engine)
        self.enter(self.audit(1))
        execute(engine, "update ops.builds set state = 'published'")
        begin_build(engine)
        self.label(2, 1)
        execute(engine, "insert into changes.changed_keys values (2, 'sales', 'sale_key', 's7')")

    def write(self, suite: dict[str, Any]) -> None:
        (self.folder / "marts" / "sales.json").write_text(json.dumps(suite))

    def label(self, build: int, full: int) -> None:
        execute(self.engine, f"comment on table marts_next.sales is 'build {build}, in full {full}, code x'")

    def spoil(self, number: int) -> None:
        execute(self.engine, f"update marts_next.sales set total = -1 where sale_key = 's{number}'")

    def audit(self, build_id: int, *, is_full: bool = False) -> AuditResult:
        return audit_marts(
            self.engine,
            build_id,
            self.folder,
            published=Published("before"),
            kept_keys={"sales": "sale_key"},
            is_full=is_full,
        )

    def enter(self, result: AuditResult) -> None:
        ledger.record_audit(self.engine, result.verdict, len(result.checks), result.to_json(), build_id=1)


@pytest.fixture
def shop(owner: Engine, tmp_path: Path) -> Shop:
    return Shop(owner, tmp_path)


class TestChangedRows:
    def test_a_fault_in_a_changed_row_is_found(self, shop: Shop) -> None:
        shop.spoil(7)
        result = shop.audit(2)
        assert not result.is_full
        assert [(found.check_id, found.example_keys) for found in result.failing] == [("total_in_range", ("s7",))]
        assert len(result.checks) == 4

    def test_a_repeated_key_is_found(self, shop: Shop) -> None:
        execute(shop.engine, "insert into marts_next.sales values ('s7', 8)")
        assert [found.check_id for found in shop.audit(2).failing] == ["key_is_unique"]

    def test_checks_of_the_table_look_at_all_of_it(self, shop: Shop) -> None:
        execute(shop.engine, "delete from marts_next.sales where sale_key = 's7'")
        assert [found.check_id for found in shop.audit(2).failing] == ["has_rows"]

    def test_figures_are_reckoned_from_the_published_ones(self, shop: Shop) -> None:
        execute(shop.engine, "delete from marts_next.sales where sale_key in ('s7', 's8', 's9', 's10', 's11', 's12')")
        [told] = [found.observed for found in shop.audit(2).checks if found.check_id == "not_lost"]
        # no build takes away what it does not log: of six rows the changed one alone is looked for
        assert told.startswith(f"count(*) is {ROWS - 1}, ")
        assert shop.audit(2).to_json()["sums"] == {"sales": {"count(*)": str(ROWS - 1)}}
        [told] = [found.observed for found in shop.audit(2, is_full=True).checks if found.check_id == "not_lost"]
        assert told.startswith(f"count(*) is {ROWS - 6}, ")

    def test_rows_that_did_not_change_are_left_to_the_full_audit(self, shop: Shop) -> None:
        # No build does this: it shows which rows are looked at.
        shop.spoil(8)
        assert shop.audit(2).verdict == "passed"
        assert [found.check_id for found in shop.audit(2, is_full=True).failing] == ["total_in_range"]

    @pytest.mark.parametrize(
        "reason",
        [
            "a week has passed",
            "made in full since",
            "another suite",
            "not clean before",
            "another build",
            "not published",
        ],
    )
    def test_everything_is_looked_at_when(self, shop: Shop, reason: str) -> None:
        shop.spoil(8)
        match reason:
            case "a week has passed":
                execute(shop.engine, "update ops.audits set audited_at = now() - interval '8 days'")
            case "made in full since":
                shop.label(2, 2)
            case "another suite":
                wider = check("total_in_range", "expect_column_values_to_be_between", column="total", min_value=-0.5)
                shop.write(SUITE | {"expectations": [wider]})
            case "not clean before":
                failed = "'{checks, 0, outcome}', '\"failed\"'"
                execute(shop.engine, f"update ops.audits set result = jsonb_set(result, {failed})")
            case "not published":
                execute(shop.engine, "update ops.builds set state = 'audited' where build_id = 1")
            case "another build":
                shop.label(1, 1)
        assert [found.check_id for found in shop.audit(2).failing] == ["total_in_range"]


@pytest.mark.parametrize(
    ("kind", "kwargs", "expected"),
    [
        ("expect_column_values_to_not_be_null", {"column": "a"}, True),
        ("expect_column_values_to_not_be_null", {"column": "a", "mostly": 0.9}, False),
        ("expect_column_values_to_be_unique", {"column": "k"}, True),
        ("expect_column_values_to_be_unique", {"column": "a"}, False),
        ("expect_table_row_count_to_be_between", {"min_value": 1}, False),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where a <> b"}, True),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select a from {batch} group by a"}, False),
        (
            "unexpected_rows_expectation",
            {"unexpected_rows_query": "select * from {batch} where a > (select avg(a) from {batch})"},
            False,
        ),
        (
            "unexpected_rows_expectation",
            {"unexpected_rows_query": "select * from {batch} as r join {batch} as s on r.a = s.b where r.c < s.c"},
            False,
        ),
    ],
)
def test_which_checks_are_of_rows(kind: str, kwargs: dict[str, Any], expected: bool) -> None:
    assert is_of_rows(Check("c", kind, kwargs, "critical", "Why.", "Next."), "k") is expected


class TestOverrides:
    def test_a_failed_check_that_is_answered_for_warns(self, shop: Shop) -> None:
        shop.spoil(7)
        shop.enter(shop.audit(2))
        until = datetime.now(UTC) + timedelta(days=3)
        names = overrides.accept(shop.engine, 1, reason="a refund", accepted_by="ann", expires_at=until)
        assert names == ["marts/sales/total_in_range"]
        result = overrides.apply(shop.engine, shop.audit(2))
        assert result.verdict == "passed_with_warnings"
        assert f"(accepted by ann until {until:%Y-%m-%d}: a refund)" in result.failing[0].observed
        execute(
            shop.engine,
            "update ops.check_overrides set accepted_at = now() - interval '2 days', expires_at = now()"
            " - interval '1 day'",
        )
        assert overrides.apply(shop.engine, shop.audit(2)).verdict == "failed"

    def test_nobody_can_answer_for_a_crash_or_for_what_passed(self, shop: Shop) -> None:
        until = datetime.now(UTC) + timedelta(days=3)

        def accept(**options: Any) -> None:
            overrides.accept(shop.engine, 1, reason="x", accepted_by="ann", expires_at=until, **options)

        with pytest.raises(TouchlineError, match="No critical check has failed in an audit of build 1"):
            accept()
        shop.spoil(7)
        shop.enter(shop.audit(2))
        with pytest.raises(TouchlineError, match="Not failed in build 1: marts/sales/has_rows"):
            accept(only=["marts/sales/has_rows"])
        execute(shop.engine, "alter table marts_next.sales rename column total to amount")
        shop.enter(shop.audit(2))
        with pytest.raises(TouchlineError, match="Checks of build 1 crashed"):
            accept()


def test_commands_explain_an_audit_and_accept_what_failed(
    settings: Settings, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchline.cli.operate.get_settings", lambda: settings)

    def command(*arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments))

    assert "There is no build to audit" in str(command("audit").exception)
    create_marts(owner)
    build_id = begin_build(owner)
    execute(owner, f"comment on schema marts_next is 'build {build_id}'")
    with pytest.raises(steps.AuditRefusedError):
        steps.audit_build(settings, build_id)
    # Empty facts are fit, an empty dimension of channels is not.
    done = command("audit")
    assert done.exit_code == 1
    assert f"The audit of build {build_id}: failed" in done.stdout
    assert "marts/dim_channels/has_rows (critical, failed)" in done.stdout
    assert "next: " in done.stdout
    assert "Build 99 is in no slot" in str(command("audit", "--build", "99").exception)
    assert "There are no rows of load 5" in str(command("audit", "--load", "5").exception)
    assert command("builds", "accept", str(build_id), "--reason", "no channel yet").exit_code == 0
    again = command("audit", "--build", str(build_id), "--json")
    assert (again.exit_code, json.loads(again.stdout)["verdict"]) == (0, "passed_with_warnings")
    steps.audit_build(settings, build_id)
