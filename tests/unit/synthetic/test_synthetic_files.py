"""Files: equal bytes for equal seeds, contract headers, counts that the truth states."""

import gzip
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from touchline.errors import TouchlineError
from touchline.synthetic import generate

SMALL: dict[str, Any] = {"customers": 60, "days": 40}
ENTITIES = [
    ("store_pos", "locations"),
    ("store_pos", "transactions"),
    ("store_pos", "transaction_lines"),
    ("service_crm", "contacts"),
    ("service_crm", "cases"),
    ("service_crm", "case_events"),
    ("service_crm", "survey_responses"),
    ("service_crm", "recoveries"),
    ("service_crm", "contact_merges"),
    ("service_crm", "segment_memberships"),
    ("store_pos", "employees"),
    ("service_crm", "promises"),
    ("service_crm", "service_standards"),
    ("store_pos", "service_observations"),
    ("store_pos", "service_checklists"),
    ("store_pos", "products"),
    ("service_crm", "suggestions"),
    ("service_crm", "referrals"),
    ("service_crm", "commitments"),
    ("service_crm", "preferences"),
    ("service_crm", "improvements"),
    ("service_crm", "reviews"),
    ("service_crm", "digital_events"),
    ("voice_center", "queue_hours"),
    ("service_crm", "management_visits"),
    ("service_crm", "recognitions"),
    ("service_crm", "preference_uses"),
    ("service_crm", "trainings"),
    ("service_crm", "campaign_touches"),
    ("service_crm", "survey_items"),
    ("service_crm", "management_expectations"),
    ("store_pos", "prices"),
    ("voice_center", "wait_notices"),
    ("voice_center", "callbacks"),
    ("voice_center", "agents"),
    ("voice_center", "agent_states"),
    ("store_pos", "shifts"),
    ("store_pos", "location_hours"),
    ("store_pos", "holidays"),
    ("voice_center", "contacts"),
]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(tmp_path / name, seed=seed, **SMALL)
    first, second, other = (contents(tmp_path / name) for name in "abc")
    assert first == second
    changed = {name for name in first if first[name] != other.get(name)}
    # Places, agents, standards, changes and visits are given, and so few callers may have been promised no callback.
    given = {"store_pos/locations.csv", "service_crm/service_standards.csv", "voice_center/callbacks.tsv"}
    # ... and campaigns run by whole months, of which so few days hold none.
    given |= {"service_crm/campaign_touches.csv", "service_crm/management_expectations.csv", "voice_center/agents.tsv"}
    given |= {"store_pos/location_hours.csv", "store_pos/holidays.csv"}
    given |= {"service_crm/improvements.csv", "service_crm/management_visits.csv"}
    assert changed >= set(first) - given


def test_gzip_headers_carry_no_time(world: Any) -> None:
    packed = [file.path for file in world.exports.files if file.path.suffix == ".gz"]
    assert packed
    for path in packed:
        # RFC 1952: bytes 4 to 7 are the modification time, 0 for none.
        assert path.read_bytes()[4:8] == b"\0\0\0\0"
        assert gzip.decompress(path.read_bytes())


@pytest.mark.parametrize(("source", "entity"), ENTITIES)
def test_headers_are_the_contract_columns(world: Any, source: str, entity: str) -> None:
    from_contract = world.contract_columns(source, entity)
    paths = world.paths(source, entity)
    assert paths
    assert all(world.file(path).header == from_contract for path in paths)


def test_record_counts_and_rejections_equal_the_truth(world: Any) -> None:
    stated = {str(Path(name)): truth for name, truth in world.truth["files"].items()}
    assert set(stated) == {str(file.path.relative_to(world.root)) for file in world.exports.files}
    for file in world.exports.files:
        truth, read = stated[str(file.path.relative_to(world.root))], world.file(file.path)
        total = len(read.rows) + sum(read.rejected.values())
        assert truth["records"] == file.records == total, file.path
        assert truth["broken"] == dict(read.rejected), file.path
        assert truth["valid"] == len(read.rows), file.path


def test_dirt_is_a_small_share_and_every_fault_occurs(world: Any) -> None:
    reasons = {reason for truth in world.truth["files"].values() for reason in truth["broken"]}
    assert reasons == {
        "bad_timestamp",
        "non_numeric_amount",
        "missing_key",
        "invalid_enum",
        "too_many_fields",
    }
    for truth in world.truth["files"].values():
        # The share is 0.002 of the records before dirt, rounded, at least one.
        broken = sum(truth["broken"].values())
        assert broken == max(1, round((truth["records"] - broken) * 0.002))


def test_mistyped_personal_values_are_those_the_truth_names(world: Any) -> None:
    shapes = {
        "email": re.compile(r"\s*[^@\s]+@[^@\s]+\.[a-z]+\s*", re.IGNORECASE),
        "phone": re.compile(r"[\d +().-]+"),
    }
    for file in world.exports.files:
        truth = world.truth["files"][file.path.relative_to(world.root).as_posix()]
        read = world.file(file.path)
        # nobody states an address in the records of self-service
        for column in [name for name in shapes.keys() & set(read.header) if any(row[name] for row in read.rows)]:
            odd = [row for row in read.rows if row[column] and not shapes[column].fullmatch(row[column])]
            stated = truth["bad_values"][column]
            assert sorted(row[read.header[0]] for row in odd) == stated["keys"]
            assert len(odd) == stated["count"] >= 1


def test_no_dirt_means_no_fault_at_all(tmp_path: Path) -> None:
    exports = generate(tmp_path, dirt=0, **SMALL)
    for truth in json.loads(exports.truth_path.read_text())["files"].values():
        assert (truth["broken"], truth["bad_values"]) == ({}, {})
        assert truth["records"] == truth["valid"] == truth["distinct"]


def test_all_instants_lie_in_the_window(world: Any) -> None:
    start, stop = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)
    for source, entity in ENTITIES:
        rows = world.rows(source, entity)
        for column in [name for name in rows[0] if name.endswith("_at")]:
            if (entity, column) == ("promises", "due_at"):
                continue  # what is promised lies ahead
            moments = [datetime.fromisoformat(row[column]) for row in rows if row[column]]
            assert all(start <= moment < stop for moment in moments), (entity, column)


def test_truth_stays_compact(world: Any) -> None:
    assert world.exports.truth_path.stat().st_size < 2_000_000


@pytest.mark.parametrize("seed", range(5))
def test_the_smallest_world_can_be_generated(tmp_path: Path, seed: int) -> None:
    exports = generate(tmp_path, seed=seed, customers=50, days=14)
    # So few people may have no recovery or no merge, but every entity is delivered.
    told = json.loads(exports.truth_path.read_text())["files"].values()
    assert {file["entity"] for file in told} == {entity for _, entity in ENTITIES}


@pytest.mark.parametrize(
    ("name", "value"), [("seed", -1), ("customers", 10), ("customers", 10**7), ("days", 3), ("dirt", 0.5)]
)
def test_arguments_out_of_range_are_refused(tmp_path: Path, name: str, value: float) -> None:
    arguments: dict[str, Any] = {name: value}
    with pytest.raises(TouchlineError, match=name):
        generate(tmp_path, **arguments)
    assert not list(tmp_path.iterdir())


def test_the_window_follows_the_end_date(tmp_path: Path) -> None:
    exports = generate(tmp_path, end=date(2025, 3, 1), **SMALL)
    months = {match[0] for file in exports.files if (match := re.search(r"\d{4}-\d{2}", file.path.name))}
    # Forty days before 1 March 2025 begin on 20 January.
    assert months == {"2025-01", "2025-02"}
