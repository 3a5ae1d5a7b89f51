"""The contracts: valid by the standard, complete by the list below, and agreed with by every suite and source."""

import json
import re
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from expected_contracts import expected_entities
from open_data_contract_standard.model import OpenDataContractStandard
from sqlalchemy import text

from touchline import warehouse
from touchline.audit.rows import QUERY_TYPE
from touchline.audit.suites import load_suite
from touchline.contracts import ColumnType, Delivery, load_contracts, read_contract
from touchline.errors import TouchlineError
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.sources import load_sources

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "expectations" / "contracts"
FILES = sorted(FOLDER.glob("*/*.odcs.yaml"))
SUITES = sorted(
    path for kind in FOLDER.iterdir() for path in (ROOT / "expectations" / "raw" / kind.name).glob("*.json")
)
CONTRACTS = load_contracts(FOLDER)
COLUMN_ARGUMENTS = {"column", "column_A", "column_B"}
CONTRACTS_BY_TABLE = {contract.raw_table: contract for contract in CONTRACTS.values()}


def test_the_list_and_the_files_name_the_same_entities() -> None:
    assert {name for name, _, _ in expected_entities()} == CONTRACTS.keys()
    assert len(CONTRACTS) == 12 + 24 + 9


@pytest.mark.parametrize(("name", "key", "rest"), list(expected_entities()), ids=lambda item: ".".join(item[:2]))
def test_columns_keys_and_personal_data(name: tuple[str, str], key: list[str], rest: list[str]) -> None:
    contract = CONTRACTS[name]
    assert key
    assert [column.name for column in contract.key] == key
    found = {
        column.name + ("" if column.is_required else "?") + ("!" if column.personal else "")
        for column in contract.columns
    }
    assert found == set(key) | set(rest)
    # A null in a key would make two rows of one, so a key column is required, with a default where it may be empty.
    assert all(column.is_required for column in contract.key)
    # A mistyped optional personal value costs the value; any other bad value costs the record.
    assert {c.name for c in contract.columns if c.nulls_bad_value} == {
        item.rstrip("?!") for item in rest if item.endswith("?!")
    }


def test_columns_that_may_be_null_in_a_key_have_a_word_for_all() -> None:
    defaults = {(c.raw_table, column.name): column.default for c in CONTRACTS.values() for column in c.key}
    assert {place: default for place, default in defaults.items() if default is not None} == {
        ("pos_prices", "location_id"): "*",
        ("pos_service_checklists", "ref_id"): "*",
    }


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft201909Validator:
    schema = (resources.files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft201909Validator(json.loads(schema))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.name.split('.')[0]}")
def test_every_file_is_valid_by_the_standard(path: Path, validator: jsonschema.Draft201909Validator) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(document)] == []
    model = OpenDataContractStandard.model_validate(document)
    [table] = model.schema_ or []
    entity = path.name.removesuffix(".odcs.yaml")
    assert (model.apiVersion, model.domain, model.name) == ("v3.1.0", path.parent.name, f"{path.parent.name}.{entity}")
    assert (table.name, table.physicalName) == (entity, f"{path.parent.name}_{entity}")
    assert model.id == f"touchline-{path.parent.name}-{entity}".replace("_", "-")
    # What the standard calls personal and what the loader tokenises is the same.
    for item in table.properties or []:
        tokenised = any(entry.property == "personalDataKind" for entry in item.customProperties or [])
        assert (item.classification == "personal") == tokenised
        assert item.description


def test_types_follow_the_names() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            where = f"{contract.raw_table}.{column.name}"
            if column.name.endswith("_at"):
                assert column.type is ColumnType.TIMESTAMP, where
            if column.name.endswith(("_date", "_on")) or column.name in {"valid_from", "valid_to"}:
                assert column.type is ColumnType.DATE, where
            if column.name.startswith(("is_", "has_")):
                assert column.type is ColumnType.BOOLEAN, where
            if column.name.endswith(("_seconds", "_count")):
                assert (column.type, column.minimum) == (ColumnType.INTEGER, 0), where
            if column.name.endswith(("_id", "_code", "_ref")):
                assert column.type is ColumnType.TEXT, where
            if column.name == "currency":
                assert column.pattern is not None, where


def test_facts_of_delivery() -> None:
    append = {contract.raw_table for contract in CONTRACTS.values() if contract.delivery is Delivery.APPEND}
    assert append == {
        "crm_case_events",
        "crm_survey_items",
        "crm_preference_uses",
        "crm_campaign_touches",
        "crm_digital_events",
        "crm_trainings",
        "call_center_agent_states",
        "call_center_wait_notices",
        "call_center_sentiments",
    }
    # A snapshot makes absence mean deletion, so that only a source may say that it delivers one.
    assert not any(contract.delivery is Delivery.SNAPSHOT for contract in CONTRACTS.values())
    assert {contract.version_column for contract in CONTRACTS.values()} == {"source_updated_at"}
    for contract in CONTRACTS.values():
        if contract.completeness_column:
            assert contract.by_name[contract.completeness_column].type is ColumnType.TIMESTAMP


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("value: upsert", "value: sometimes"), "Unknown delivery 'sometimes'"),
        (("value: source_updated_at", "value: name"), "no timestamp 'name'"),
        (("property: versionColumn", "property: version"), "no timestamp ''"),
        (("physicalType: text", "physicalType: numeric(39,2)"), "Not a usable physicalType: 'numeric(39,2)'"),
        (("physicalType: text", "physicalType: numeric(4,5)"), "Not a usable physicalType: 'numeric(4,5)'"),
        (
            ("value: source_updated_at", "value: source_updated_at\n  - property: completenessColumn\n    value: at"),
            "'at'",
        ),
    ],
)
def test_facts_that_cannot_be_are_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "pos" / "locations.odcs.yaml"
    path.parent.mkdir()
    path.write_text((FOLDER / "pos" / "locations.odcs.yaml").read_text(encoding="utf-8").replace(*change))
    with pytest.raises(TouchlineError, match=re.escape(message)):
        read_contract(path)


@pytest.mark.parametrize("time", ["07:00", "00:00", "23:59", "24:00"])
def test_times_of_day(time: str) -> None:
    closes = CONTRACTS["pos", "location_hours"].by_name["closes"].pattern
    opens = CONTRACTS["pos", "location_hours"].by_name["opens"].pattern
    assert closes is not None
    assert opens is not None
    assert closes.search(time)
    # A window may end at midnight by either name, and begins at one of them.
    assert bool(opens.search(time)) == (time != "24:00")
    assert not any(
        closes.search(bad) for bad in (f"{time}:00", time[:-1], "24:01", "7:00", "12.30", "\u0660\u0667:\u0660\u0660")
    )


def test_every_contract_has_a_suite() -> None:
    assert {f"{path.parent.name}_{path.stem}" for path in SUITES} == CONTRACTS_BY_TABLE.keys()


@pytest.mark.parametrize("path", SUITES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_suites_speak_of_columns_the_contract_has(path: Path) -> None:
    suite = load_suite(path)
    contract = CONTRACTS_BY_TABLE[suite.table]
    assert suite.table == f"{path.parent.name}_{path.stem}"
    assert suite.key == tuple(column.name for column in contract.key)
    raw_names = {column.raw_name for column in contract.columns}
    for check in suite.checks:
        assert {value for name, value in check.kwargs.items() if name in COLUMN_ARGUMENTS} <= raw_names, check.id


def test_queries_of_the_suites_fit_the_raw_tables(settings: Settings) -> None:
    """Postgres itself reads every query against the tables made from the contracts."""
    with warehouse.engine(settings).connect() as connection:
        for path in SUITES:
            suite = load_suite(path)
            queries = [check.kwargs["unexpected_rows_query"] for check in suite.checks if check.type == QUERY_TYPE]
            for query in queries:
                connection.execute(text("explain " + query.format(batch=f"raw.{suite.table}").replace(":", r"\:")))


def test_sources_measure_completeness_by_the_time_the_contract_names() -> None:
    assert all(measured_by_the_contract(source) for source in load_sources(ROOT / "dags" / "sources", CONTRACTS))


def measured_by_the_contract(source: Source) -> bool:
    named = [
        (export.complete_through.column, [CONTRACTS[source.kind, target.entity] for target in export.into])
        for export in source.exports
        if export.complete_through and export.complete_through.column
    ]
    return all(column in {contract.completeness_column for contract in made} for column, made in named)


def test_the_documentation_lists_every_entity_with_its_key() -> None:
    page = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    listed = {}
    for kind, body in re.findall(r"^### (\w+)\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL):
        for entity, key in re.findall(r"^\| \*?`(\w+)`\*? \| [^|]+ \| ([^|]+) \|$", body, re.MULTILINE):
            listed[kind, entity] = re.findall(r"`(\w+)`", key)
    assert listed == {name: [column.name for column in contract.key] for name, contract in CONTRACTS.items()}
