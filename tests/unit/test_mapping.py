"""Source files: what the vocabulary does, and how each mistake is named."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from touchline.contracts import Column, ColumnType, load_contracts
from touchline.errors import TouchlineError
from touchline.expressions import Expression, columns_used
from touchline.landing.evaluate import Compiler, Row
from touchline.landing.values import BadValue
from touchline.mapping import Values
from touchline.sources import load_sources, read_source

ROOT = Path(__file__).parents[2]
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
TEXT = Column("c", ColumnType.TEXT, "", is_required=False)
MONEY = Column("c", ColumnType.NUMERIC, "", is_required=False, precision=14, scale=2)
STAMP = Column("c", ColumnType.TIMESTAMP, "", is_required=False)
DAY = Column("c", ColumnType.DATE, "", is_required=False)
HEADER = ["a", "b", "n"]


def evaluate(expression: Any, fields: list[str | None], column: Column = TEXT, row: Row | None = None) -> Any:
    parsed = TypeAdapter(Expression).validate_python(expression)
    compiled = Compiler(HEADER, Values(), ZoneInfo("Asia/Jerusalem")).compile(parsed, column)
    return compiled(fields, row or {})


@pytest.mark.parametrize(
    ("expression", "fields", "column", "expected"),
    [
        ("a", ["x", "", ""], TEXT, "x"),
        ({"column": "a", "values": {"x": "y"}}, ["x", None, None], TEXT, "y"),
        ({"column": "a", "values": {"x": "y"}, "default": "z"}, ["q", None, None], TEXT, "z"),
        ({"column": "a", "default": "z"}, [None, None, None], TEXT, "z"),
        ({"const": "k"}, [None, None, None], TEXT, "k"),
        ({"column": "a", "multiply": "0.01"}, ["1250", None, None], MONEY, Decimal("12.50")),
        ({"column": "a", "round": True}, ["4.440892e-16", None, None], MONEY, Decimal("0.00")),
        ({"column": "a", "round": True}, ["0.30000000000000004", None, None], MONEY, Decimal("0.30")),
        ({"column": "a", "epoch": "s"}, ["86400", None, None], STAMP, datetime(1970, 1, 2, tzinfo=UTC)),
        ({"column": "a", "epoch": "ms"}, ["86400000", None, None], STAMP, datetime(1970, 1, 2, tzinfo=UTC)),
        ({"column": "a", "format": "%d/%m/%Y"}, ["31/12/2026", None, None], DAY, date(2026, 12, 31)),
        ({"concat": ["a", {"const": "x"}, "b"], "separator": "-"}, ["1", "2", None], TEXT, "1-x-2"),
        ({"concat": ["a", "b"]}, ["1", None, None], TEXT, None),
        # Jerusalem is two hours ahead of UTC in winter.
        (
            {"timestamp": ["a", "b"], "format": "%y%m%d %H:%M:%S"},
            ["990201", "7:02:47", None],
            STAMP,
            datetime(1999, 2, 1, 5, 2, 47, tzinfo=UTC),
        ),
        ({"shift": {"const": "2020-03-31"}, "months": "n", "back": True}, [None, None, "1"], DAY, date(2020, 2, 29)),
        ({"shift": {"const": "2020-01-01"}, "months": "n", "back": True}, [None, None, "72"], DAY, date(2014, 1, 1)),
        ({"shift": {"const": "2020-01-01"}, "days": 45}, [None, None, None], DAY, date(2020, 2, 15)),
        # Spreadsheets write whole numbers with a decimal: 109.0 seconds are 109.
        (
            {"shift": "a", "seconds": "n"},
            ["2021-01-01T09:12:58Z", None, "109.0"],
            STAMP,
            datetime(2021, 1, 1, 9, 14, 47, tzinfo=UTC),
        ),
        ({"when": [{"if": {"column": "a", "in": ["1", "2"]}, "then": "b"}], "else": "n"}, ["2", "y", "z"], TEXT, "y"),
        ({"when": [{"if": {"column": "a", "in": ["1", "2"]}, "then": "b"}], "else": "n"}, ["3", "y", "z"], TEXT, "z"),
        ({"when": [{"if": {"column": "a", "is_null": True}, "then": "b"}]}, ["3", "y", "z"], TEXT, None),
    ],
)
def test_vocabulary(expression: Any, fields: list[str | None], column: Column, expected: Any) -> None:
    assert evaluate(expression, fields, column) == expected


def test_a_clock_time_past_midnight_belongs_to_the_next_day() -> None:
    expression = {"timestamp": ["a", "b"], "format": "%y%m%d %H:%M:%S", "not_before": "initiated_at"}
    started = datetime(1999, 2, 1, 21, 59, 50, tzinfo=UTC)  # 23:59:50 in Jerusalem
    ended = evaluate(expression, ["990201", "0:03:00", None], STAMP, {"initiated_at": started})
    assert ended == datetime(1999, 2, 1, 22, 3, tzinfo=UTC)
    # A second early is a clock's inaccuracy, not another day.
    early = evaluate(expression, ["990201", "23:59:49", None], STAMP, {"initiated_at": started})
    assert early == datetime(1999, 2, 1, 21, 59, 49, tzinfo=UTC)


def test_row_key_tells_equal_records_apart_and_nothing_else() -> None:
    parsed = TypeAdapter(Expression).validate_python({"row_key": ["a", "b"]})
    compiled = Compiler(HEADER, Values(), ZoneInfo("UTC")).compile(parsed, TEXT)
    keys = [compiled(fields, {}) for fields in (["1", "2", "p"], ["1", "2", "q"], ["12", None, ""], ["1", "3", ""])]
    assert len(set(keys)) == 4
    assert str(keys[0]).split("-")[0] == str(keys[1]).split("-")[0]
    assert [str(key).split("-")[1] for key in keys] == ["1", "2", "1", "1"]


def test_the_entities_of_one_record_share_its_row_key() -> None:
    parsed = TypeAdapter(Expression).validate_python({"row_key": ["a"]})
    compiler = Compiler(HEADER, Values(), ZoneInfo("UTC"))
    header, line = compiler.compile(parsed, TEXT), compiler.compile(parsed, TEXT)
    for fields in (["1", None, None], ["1", None, None]):
        assert header(fields, {}) == line(fields, {})


def test_a_value_the_mapping_does_not_know_is_bad() -> None:
    with pytest.raises(BadValue, match="not a value the mapping knows"):
        evaluate({"column": "a", "values": {"x": "y"}}, ["q", None, None])


@pytest.mark.parametrize(
    ("unit", "steps", "message"),
    [
        ("seconds", "1.5", "not a whole number"),
        ("seconds", "soon", "not a whole number"),
        ("days", "4000000", "leaves the calendar"),
        ("months", "99999", "leaves the calendar"),
        ("days", "99999999999", "too large"),
    ],
)
def test_date_arithmetic_that_cannot_be(unit: str, steps: str, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        evaluate({"shift": {"const": "2020-01-01"}, unit: "n"}, [None, None, steps], DAY)


def test_columns_used_names_every_column() -> None:
    parsed = TypeAdapter(Expression).validate_python(
        {
            "when": [{"if": {"column": "a", "equals": "1"}, "then": {"shift": "b", "days": "n"}}],
            "else": {"row_key": ["d"]},
        }
    )
    assert set(columns_used(parsed)) == {"a", "b", "n", "d"}


def test_every_shipped_source_fits_its_contracts() -> None:
    sources = load_sources(ROOT / "dags" / "sources", CONTRACTS)
    assert {source.source for source in sources} >= {
        "store_pos",
        "service_crm",
        "voice_center",
        "anonymous_bank",
        "cdnow",
    }


GOOD = """
source: shop
kind: pos
description: a shop
owner: me
exports:
  - name: shops
    files: ["*.csv"]
    into:
      - entity: locations
        map: {location_id: id, name: name, timezone: {const: UTC}}
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind: pos", "kind: shop"), "kind: Input should be"),
        (("timezone: {const: UTC}", "timezone: {constant: UTC}"), "timezone"),
        (("owner: me\n", ""), "owner: Field required"),
        (("source: shop", "source: store"), "named like its file"),
        (("entity: locations", "entity: shops"), "No contract for pos.shops"),
        (("name: name,", "nam: name,"), "no column nam"),
        (("name: name,", ""), "Required columns are not mapped: name"),
        (("files:", "fils:"), "fils: Extra inputs"),
        (("source: shop", "source: [shop"), "Not YAML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "shop.yml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(TouchlineError) as caught:
        load_sources(tmp_path, CONTRACTS)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_good_source_is_good(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text(GOOD)
    assert read_source(tmp_path / "shop.yml").source == "shop"


def test_constants_must_be_values_the_contract_allows(tmp_path: Path) -> None:
    (tmp_path / "tickets.yml").write_text("""
source: tickets
kind: crm
description: t
owner: me
exports:
  - name: cases
    files: ["*.csv"]
    into:
      - entity: cases
        map:
          case_id: id
          origin_channel: {const: fax}
          case_kind: {column: kind, values: {A: complaint, B: other}}
          status: {const: open}
          created_at: at
          is_escalated: {const: false}
""")
    with pytest.raises(TouchlineError, match="origin_channel would get fax"):
        load_sources(tmp_path, CONTRACTS)


@pytest.mark.parametrize("column", ["closd_at", "opened_at", "total"])
def test_completeness_is_told_by_the_contract_s_time_or_version(tmp_path: Path, column: str) -> None:
    text = """
source: tills
kind: pos
description: t
owner: me
exports:
  - name: sales
    files: ["*.csv"]
    complete_through: {column: COLUMN}
    into: [{entity: transactions}]
"""
    path = tmp_path / "tills.yml"
    for good in ("closed_at", "source_updated_at"):
        path.write_text(text.replace("COLUMN", good))
        assert len(load_sources(tmp_path, CONTRACTS)) == 1
    path.write_text(text.replace("COLUMN", column))
    with pytest.raises(TouchlineError, match=f"(?s)told by column '{column}'.*closed_at, source_updated_at"):
        load_sources(tmp_path, CONTRACTS)


def test_unknown_source_is_named_with_the_known_ones() -> None:
    with pytest.raises(TouchlineError, match="Unknown source: nope"):
        load_sources(ROOT / "dags" / "sources", CONTRACTS, ["nope"])
