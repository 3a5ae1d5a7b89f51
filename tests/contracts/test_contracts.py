"""The contracts: valid by the standard, complete by the list below, and agreed with by every suite and source."""

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from sqlalchemy import text

from touchline import warehouse
from touchline.audit_suites import QUERY_TYPE, load_suite
from touchline.contracts import ColumnType, Delivery, load_contracts, read_contract
from touchline.errors import TouchlineError
from touchline.mapping import load_sources
from touchline.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "expectations" / "contracts"
FILES = sorted(FOLDER.glob("*/*.odcs.yaml"))
SUITES = sorted(path for kind in FOLDER.iterdir() for path in (ROOT / "expectations" / "raw" / kind.name).glob("*.json"))
CONTRACTS = load_contracts(FOLDER)
CONTRACTS_BY_TABLE = {contract.raw_table: contract for contract in CONTRACTS.values()}

# Written by hand: `entity: key | other columns`; ? may be null, ! personal. Every entity ends with `COMMON`.
COMMON = "source_updated_at? is_deleted"
EXPECTED = {
    "pos": """
locations: location_id | name timezone region? format? manager_employee_id?
transactions: transaction_id | location_id register_id? employee_id? customer_ref? loyalty_id? email?! phone?! channel
  opened_at? closed_at status subtotal? discount? tax? total? currency delivery_cost? return_of_transaction_id?
  queue_ticket_id? due_at? fulfilled_at?
transaction_lines: transaction_id line_no | product_id quantity unit_price? discount? net_amount override_reason?
  authorised_by_employee_id? return_reason?
employees: employee_id valid_from | location_id? role hired_on left_on? empowerment_limit? currency? is_executive
shifts: shift_id | employee_id location_id start_at end_at
products: product_id | sku category unit_cost? list_price? currency?
prices: product_id channel location_id valid_from | price currency valid_to?
location_hours: location_id weekday opens valid_from | closes valid_to?
holidays: location_id holiday_date |
queue_tickets: queue_ticket_id | location_id joined_at quoted_wait_seconds? called_at? left_at? outcome
service_checklists: location_id service_date item_code ref_id | ref_type? kind is_required done_at? employee_id?
service_observations: observation_id | location_id? queue_id? employee_id? observed_at item_code is_observed? score?
  observer
""",
    "crm": """
contacts: contact_id | full_name?! email?! phone?! loyalty_id? birth_year?! postal_code?! created_at segment_code?
  preferred_channel? master_contact_id? consent_marketing? consent_profiling?
cases: case_id | contact_id? origin_channel case_kind issue_type? order_ref? location_id? queue_id? priority? severity?
  status created_at first_response_at? resolved_at? closed_at? record_viewed_at? owner_employee_id? is_escalated
  parent_case_id? resolution_code?
survey_responses: response_id | survey_type survey_version contact_id? employee_id? sent_at? responded_at?
  survey_channel? service_channel? location_id? queue_id? touchpoint_ref_type? touchpoint_ref_id? score? scale_min
  scale_max higher_is_better comment?!
case_events: event_id | case_id event_type occurred_at actor_type actor_id? channel? from_value? to_value? is_public
contact_merges: surviving_id merged_id | merged_at unmerged_at?
promises: promise_id | contact_id? ref_type ref_id promise_type made_at due_at fulfilled_at? made_by owner_employee_id?
recoveries: recovery_id | case_id? ref_type? ref_id? failure_type detected_at acknowledged_at? compensation_amount?
  currency? first_employee_id? employee_id? approval_requested_at? approved_by? decided_at? is_escalated completed_at?
  outcome?
survey_items: response_id item_code side | dimension score
management_expectations: dimension segment_code recorded_on | expected_score scale_min scale_max
service_standards: standard_code valid_from | dimension touchpoint_code channel? segment_code? metric_code aggregation
  operator target target_uom min_n service_level owner_employee_id? valid_to?
preferences: contact_id code | value! origin recorded_by? recorded_at
preference_uses: contact_id code used_at | ref_type? ref_id?
segment_memberships: contact_id segment_code valid_from | valid_to? is_target?
commitments: contact_id kind valid_from | valid_to?
reviews: review_id | platform rating scale_max posted_at contact_id? location_id? body?! responded_at? has_media?
referrals: referral_id | referrer_contact_id referred_contact_id? referred_at converted_transaction_id?
suggestions: suggestion_id | contact_id? employee_id? channel submitted_at topic adopted_at?
improvements: improvement_id | kind suggestion_id? standard_code? touchpoint_code? location_id? changed_at
campaign_touches: touch_id | contact_id channel touched_at claim_code?
digital_events: event_id | contact_id? email?! channel event_type occurred_at product_id?
management_visits: visit_id | employee_id location_id? queue_id? started_at ended_at activity
trainings: employee_id course_code completed_at | hours
erasure_requests: request_id | identifier_type identifier! requested_at scope completed_at?
""",
    "call_center": """
contacts: contact_id | initial_contact_id? previous_contact_id? next_contact_id? channel direction initiation_method
  customer_endpoint?! customer_ref? dialled_endpoint? initiated_at connected_to_system_at? enqueued_at? dequeued_at?
  connected_to_agent_at? disconnected_at? transfer_completed_at? queue_id? agent_id? interaction_seconds? hold_seconds?
  hold_count? after_contact_work_seconds? agent_attempts? disconnected_by? disposition_code? issue_type? case_id?
  is_resolved? reasked_identity? reasked_issue? record_viewed_at? verified_contact_id? self_service_steps?
queues: queue_id | name timezone service_level_threshold_seconds short_abandon_seconds
queue_hours: queue_id weekday opens valid_from | closes valid_to?
agents: agent_id | employee_id? team?
agent_states: agent_id start_at | state end_at is_productive
wait_notices: contact_id notified_at | kind quoted_seconds? is_accepted?
callbacks: callback_id | contact_id requested_at promised_from promised_to attempted_at? connected_at?
evaluations: evaluation_id item_code | contact_id score max_score
sentiments: contact_id offset_seconds party | score
""",
}


def expected_entities() -> Iterator[tuple[tuple[str, str], list[str], list[str]]]:
    """(kind and entity, key, other columns), marks included."""
    for kind, entities in EXPECTED.items():
        for line in re.sub(r"\n  ", " ", entities).strip().splitlines():
            entity, key, rest = re.fullmatch(r"(\w+): ([^|]*)\|(.*)", line).groups()  # type: ignore[union-attr]
            yield (kind, entity), key.split(), [*rest.split(), *COMMON.split()]


def test_the_list_and_the_files_name_the_same_entities() -> None:
    assert {name for name, _, _ in expected_entities()} == CONTRACTS.keys()
    assert len(CONTRACTS) == 12 + 23 + 9


@pytest.mark.parametrize(("name", "key", "rest"), expected_entities(), ids=lambda item: ".".join(item[:2]))
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
        (("value: source_updated_at", "value: source_updated_at\n  - property: completenessColumn\n    value: at"), "'at'"),
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
    assert not any(closes.search(bad) for bad in (f"{time}:00", time[:-1], "24:01", "7:00", "12.30", "٠٧:٠٠"))


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


COLUMN_ARGUMENTS = {"column", "column_A", "column_B"}


def test_queries_of_the_suites_fit_the_raw_tables(settings: Settings) -> None:
    """Postgres itself reads every query against the tables made from the contracts."""
    with warehouse.engine(settings).connect() as connection:
        for path in SUITES:
            suite = load_suite(path)
            queries = [check.kwargs["unexpected_rows_query"] for check in suite.checks if check.type == QUERY_TYPE]
            for query in queries:
                connection.execute(text("explain " + query.format(batch=f"raw.{suite.table}").replace(":", r"\:")))


def test_sources_measure_completeness_by_the_time_the_contract_names(tmp_path: Path) -> None:
    assert all(measured_by_the_contract(source) for source in load_sources(ROOT / "dags" / "sources", CONTRACTS))


def measured_by_the_contract(source: Any) -> bool:
    named = [
        (export.complete_through.column, [CONTRACTS[source.kind, target.entity] for target in export.into])
        for export in source.exports
        if export.complete_through and export.complete_through.column
    ]
    return all(column in {contract.completeness_column for contract in made} for column, made in named)
