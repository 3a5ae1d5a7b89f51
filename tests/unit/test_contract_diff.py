"""Contract changes: each kind is named, and the breaking ones are told from the additive."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from touchline.contract_diff import diff_contracts
from touchline.contracts import Contract, read_contract

CONTRACT = Path(__file__).parents[2] / "expectations" / "contracts" / "crm" / "cases.odcs.yaml"


def changed(tmp_path: Path, column: str | None, **values: Any) -> Contract:
    """The contract of cases with one property changed, added (unknown name) or removed (no values)."""
    document = yaml.safe_load(CONTRACT.read_text())
    properties = document["schema"][0]["properties"]
    known = next((item for item in properties if item["name"] == column), None)
    if known is None:
        properties.append({"name": column, "logicalType": "string", "physicalType": "text", **values})
    elif not values:
        properties.remove(known)
    else:
        known.update(values)
    path = tmp_path / "crm" / "cases.odcs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(document))
    return read_contract(path)


def values_allowed(*values: str) -> dict[str, Any]:
    return {
        "quality": [
            {"type": "library", "metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [*values]}}
        ]
    }


PERSONAL = [{"property": "personalDataKind", "value": "text"}]


@pytest.mark.parametrize(
    ("column", "values", "what", "is_breaking"),
    [
        ("priority", {}, "removed", True),
        ("mood", {"required": False}, "added", False),
        ("mood", {"required": True}, "added as required, without a default", True),
        ("priority", {"required": True}, "became required", True),
        ("status", {"required": False}, "became optional", False),
        ("priority", {"physicalType": "integer"}, "text became integer", True),
        ("severity", {"logicalTypeOptions": {"minimum": 1, "maximum": 5}}, "range (1, 4) became (1, 5)", False),
        ("severity", {"logicalTypeOptions": {"minimum": 2, "maximum": 5}}, "range (1, 4) became (2, 5)", True),
        (
            "case_kind",
            values_allowed("complaint", "request", "question", "compliment", "praise"),
            "newly allowed: praise",
            False,
        ),
        ("case_kind", values_allowed("complaint", "request", "question"), "no longer allowed: compliment", True),
        (
            "priority",
            {"customProperties": [*PERSONAL, {"property": "onBadValue", "value": "set_aside"}]},
            "text became uuid (text token)",
            True,
        ),
    ],
)
def test_each_change_is_named(
    tmp_path: Path, column: str, values: dict[str, Any], what: str, is_breaking: bool
) -> None:
    [change] = diff_contracts(read_contract(CONTRACT), changed(tmp_path, column, **values))
    assert (change.entity, change.column, change.what, change.is_breaking) == ("crm.cases", column, what, is_breaking)


def test_what_becomes_optional_personal_data_loses_bad_values_instead_of_records(tmp_path: Path) -> None:
    changes = diff_contracts(read_contract(CONTRACT), changed(tmp_path, "priority", customProperties=PERSONAL))
    assert [(change.what, change.is_breaking) for change in changes] == [
        ("text became uuid (text token)", True),
        ("bad values become null", False),
    ]


def test_a_changed_key_is_breaking(tmp_path: Path) -> None:
    changes = diff_contracts(
        read_contract(CONTRACT), changed(tmp_path, "priority", primaryKey=True, primaryKeyPosition=2)
    )
    assert [(change.what, change.is_breaking) for change in changes] == [("key was case_id", True)]


def test_the_same_contract_has_no_changes() -> None:
    assert diff_contracts(read_contract(CONTRACT), read_contract(CONTRACT)) == []
