"""Bad personal data, column by column of every contract: optional, it becomes null and is counted; required, its
record is set aside. Both ways of reading agree."""

from pathlib import Path

import pytest
from landing_paths import CONTRACTS, read_by_judge, read_quickly

from support.loading import HEADER, contact, deliver, rows
from touchline import health
from touchline.contracts import Column, ColumnType, Contract, PersonalKind, read_contract
from touchline.errors import TouchlineError
from touchline.mapping import Source
from touchline.settings import Settings

GOOD = {
    ColumnType.TEXT: "x",
    ColumnType.TIMESTAMP: "2026-01-02T00:00:00Z",
    ColumnType.DATE: "2026-01-02",
    ColumnType.INTEGER: "1",
    ColumnType.BOOLEAN: "true",
    ColumnType.NUMERIC: "1",
}
BAD = {
    PersonalKind.EMAIL: ("anna.example.com", "not an e-mail address"),
    PersonalKind.PHONE: ("12", "not a phone number in use"),
    PersonalKind.ENDPOINT: ("12", "not a phone number in use"),
    PersonalKind.TEXT: ("a\x00b", "contains a NUL character"),
}
PERSONAL = [
    pytest.param(contract, column, id=f"{contract.raw_table}.{column.name}")
    for contract in CONTRACTS.values()
    for column in contract.columns
    if column.personal
]


def good_value(column: Column) -> str:
    if column.name == "currency":
        return "USD"
    return min(column.allowed) if column.allowed else GOOD[column.type]


def write_export(path: Path, contract: Contract, column: Column) -> tuple[Source, str]:
    """Two records of what the contract requires, the second with a bad value in the column; (source, its reason)."""
    assert column.personal is not None
    bad, reason = BAD[column.personal]
    columns = [item for item in contract.columns if item.is_required and item is not column] + [column]
    fine = [good_value(item) for item in columns[:-1]]
    lines = [[item.name for item in columns], [*fine, "" if not column.is_required else "x"], [*fine, bad]]
    path.write_text("".join(",".join(line) + "\n" for line in lines))
    export = {"name": "e", "files": ["*.csv"], "into": [{"entity": contract.entity}]}
    facts = {"source": "s", "kind": contract.kind, "description": "t", "owner": "t", "exports": [export]}
    return Source.model_validate(facts | {"phone_region": "US"}), reason


@pytest.mark.parametrize(("contract", "column"), PERSONAL)
def test_each_personal_column_by_both_ways(contract: Contract, column: Column, tmp_path: Path) -> None:
    source, reason = write_export(tmp_path / "a.csv", contract, column)
    exact = read_by_judge(tmp_path / "a.csv", source, source.exports[0])
    outcome = "quarantined" if column.is_required else "nulled"
    assert exact.counts.reasons == {(outcome, column.name, reason): 1}
    assert (exact.counts.records, exact.counts.quarantined) == (2, int(column.is_required))
    assert exact.counts.loaded == 2 - int(column.is_required)
    quick = read_quickly(tmp_path / "a.csv", source, source.exports[0])
    assert not isinstance(quick, str), quick
    assert (quick.counts, quick.rows, quick.secrets) == (exact.counts, exact.rows, exact.secrets)


def test_there_are_optional_and_required_personal_columns() -> None:
    assert {param.values[1].is_required for param in PERSONAL} == {True, False}  # type: ignore[union-attr]


def contract_file(folder: Path, policy: str | None) -> Path:
    """The contract of CRM contacts, with a policy of its own for bad e-mail addresses."""
    text = (Path(__file__).parents[3] / "expectations" / "contracts" / "crm" / "contacts.odcs.yaml").read_text()
    before, rest = text.split("  - name: email\n")
    stated = "    - property: onBadValue\n      value: null_value\n"
    assert stated in rest
    rest = rest.replace(stated, "" if policy is None else stated.replace("null_value", policy), 1)
    (folder / "crm").mkdir()
    path = folder / "crm" / "contacts.odcs.yaml"
    path.write_text(f"{before}  - name: email\n{rest}")
    return path


@pytest.mark.parametrize(("policy", "nulls"), [(None, True), ("null_value", True), ("set_aside", False)])
def test_optional_personal_data_become_null_unless_the_contract_says_else(
    tmp_path: Path, policy: str | None, nulls: bool
) -> None:
    contract = read_contract(contract_file(tmp_path, policy))
    assert contract.by_name["email"].nulls_bad_value is nulls
    # What is no personal data, or required, is set aside unless the contract says else.
    assert not contract.by_name["created_at"].nulls_bad_value


def test_another_policy_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="Unknown onBadValue 'ignore'") as caught:
        read_contract(contract_file(tmp_path, "ignore"))
    assert str(caught.value.where).endswith("email")


def test_what_became_null_is_counted_in_ledger_and_status(settings: Settings) -> None:
    bad = "c2,x,no-address,12,2026-01-02T00:00:00Z\nc3,x,no-address,,2026-01-02T00:00:00Z\nc4,x,,,no time\n"
    deliver(settings, "a.csv", HEADER + contact(1) + bad)
    counted = rows(settings, "select outcome, column_name, records from ops.load_reasons order by 1, 2")
    assert counted == [("nulled", "email", 2), ("nulled", "phone", 1), ("quarantined", "created_at", 1)]
    [source] = health.status(settings)["sources"]
    assert (source["nulled"], source["set_aside"], source["records"]) == (3, 1, 4)
