"""The DAG files as Airflow's parser sees them: without network, without database, without heavy imports."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from touchline.approvals import ACTIONS
from touchline.orchestration.airflow_home import AirflowHome
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"
SOURCES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((DAGS / "sources").glob("*.yml"))
}
# Every file of dags/ and the DAGs it makes; a new file is entered here.
FILES = {
    "ingest_sources.py": {f"ingest_{name}" for name in SOURCES},
    "approve_action.py": {"approve_action"},
    "build_warehouse.py": {"build_warehouse"},
    "deliver_alerts.py": {"deliver_alerts"},
    "sweep_warehouse.py": {"sweep_warehouse"},
    "publish_reports.py": {"publish_reports"},
    "maintain_warehouse.py": {"maintain_warehouse"},
}
NOWHERE = "postgresql+psycopg2://nobody@/nowhere?host=/nonexistent&port=1"
REPORTERS = {"confirm_loads", "check_request", "find_undelivered_alerts"}
"""These only tell what is so: trying again would tell the same."""
HEAVY = {"great_expectations", "polars", "pandas", "scipy", "dbt", "altair", "psycopg"}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(home=tmp_path_factory.mktemp("parse"), project_dir=ROOT, database_url=NOWHERE)
    environment = AirflowHome(settings).environment()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("describe_dags.py")), str(DAGS)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def dags(parsed: dict[str, Any]) -> dict[str, Any]:
    assert parsed["errors"] == {}
    found: dict[str, Any] = parsed["dags"]
    return found


def raw_assets(*sources: str) -> set[str]:
    return {
        f"touchline://raw/{SOURCES[name]['kind']}/{target['entity']}"
        for name in sources
        for export in SOURCES[name]["exports"]
        for target in export["into"]
    }


def test_parsing_opens_no_connection_and_imports_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert parsed["connections"] == []
    assert HEAVY.isdisjoint(parsed["imported"])
    assert "touchline.steps" not in parsed["imported"]


def test_every_dag_file_is_accounted_for(dags: dict[str, Any]) -> None:
    assert {path.name for path in DAGS.glob("**/*.py")} == FILES.keys()
    made: dict[str, set[str]] = {}
    for dag_id, dag in dags.items():
        made.setdefault(Path(dag["file"]).name, set()).add(dag_id)
    assert made == FILES


def test_names_are_verb_and_object(dags: dict[str, Any]) -> None:
    name = re.compile(r"[a-z]+(_[a-z0-9]+)+")
    names = [*dags, *(task for dag in dags.values() for task in dag["tasks"])]
    assert [found for found in names if not name.fullmatch(found)] == []


def test_tags_come_from_the_enum(dags: dict[str, Any], parsed: dict[str, Any]) -> None:
    known = set(parsed["rules"]["tags"])
    for dag_id, dag in dags.items():
        assert dag["tags"], dag_id
        assert set(dag["tags"]) <= known, dag_id


def test_every_dag_has_triage_notes(dags: dict[str, Any]) -> None:
    for dag_id, dag in dags.items():
        for heading in ("May be ignored", "Wakes someone", "Where to look"):
            assert heading in dag["doc"], dag_id


def test_owners_are_the_sources_owners_or_the_platform(dags: dict[str, Any], parsed: dict[str, Any]) -> None:
    for dag_id, dag in dags.items():
        source = SOURCES.get(dag_id.removeprefix("ingest_"))
        expected = source["owner"] if source else parsed["rules"]["owner"]
        assert {task["owner"] for task in dag["tasks"].values()} == {expected}, dag_id


def test_tasks_end_in_time_and_are_tried_again(dags: dict[str, Any]) -> None:
    for dag_id, dag in dags.items():
        # Questions to people may wait beside each other.
        assert dag["max_active_runs"] == (16 if dag_id == "approve_action" else 1), dag_id
        assert dag["catchup"] is False, dag_id
        for task_id, task in dag["tasks"].items():
            assert task["timeout"], (dag_id, task_id)
            assert task["retries"] >= (0 if task_id in REPORTERS else 1), (dag_id, task_id)


def test_every_dag_has_a_deadline_before_airflow_ends_its_run(dags: dict[str, Any]) -> None:
    for dag_id, dag in dags.items():
        assert 0 < dag["due_after"] < dag["timeout"], dag_id


def test_no_task_is_tried_again_for_a_mistake_in_the_code(dags: dict[str, Any], parsed: dict[str, Any]) -> None:
    assert all(task["has_retry_policy"] for dag in dags.values() for task in dag["tasks"].values())
    decided = {"TypeError": "fail", "KeyError": "fail", "OSError": "default", "TouchlineError": "default"}
    assert parsed["rules"]["retries"] == decided


def test_files_are_loaded_in_a_pool_that_exists_everywhere(dags: dict[str, Any]) -> None:
    assert {task["pool"] for dag in dags.values() for task in dag["tasks"].values()} == {"default_pool"}


def test_the_reference_page_is_what_the_dags_say(parsed: dict[str, Any]) -> None:
    written = (ROOT / "docs" / "dags.md").read_text(encoding="utf-8")
    assert written == parsed["reference"], "run `make dag-reference`"
    assert all(f"`{dag_id}`" in written for dag_id in parsed["dags"])


def test_every_source_polls_as_its_file_says(dags: dict[str, Any]) -> None:
    for name, source in SOURCES.items():
        assert dags[f"ingest_{name}"]["schedule"] == source.get("schedule", "@hourly"), name


def test_a_source_announces_its_entities_and_nothing_else_does(dags: dict[str, Any]) -> None:
    for name in SOURCES:
        tasks = dags[f"ingest_{name}"]["tasks"]
        assert set(tasks["announce_loads"].pop("outlets")) == raw_assets(name)
        assert all(not task.get("outlets") for task in tasks.values())


def test_the_build_waits_for_any_raw_asset_and_for_the_night(dags: dict[str, Any]) -> None:
    assert set(dags["build_warehouse"]["waits_for"]) == raw_assets(*SOURCES) | {"touchline://approvals"}
    assert dags["build_warehouse"]["tasks"]["publish_build"]["outlets"] == ["touchline://marts"]
    assert dags["publish_reports"]["waits_for"] == ["touchline://marts"]


def test_what_is_approved_rings_for_a_build_after_a_person_has_answered(dags: dict[str, Any]) -> None:
    dag = dags["approve_action"]
    assert dag["params"]["action"] == list(ACTIONS)
    assert dag["tasks"]["ask_person"]["upstream"] == ["check_request"]
    assert dag["tasks"]["apply_answer"]["upstream"] == ["ask_person"]
    assert dag["tasks"]["apply_answer"]["outlets"] == ["touchline://approvals"]


def test_maintenance_runs_at_night_after_the_build(dags: dict[str, Any]) -> None:
    dag = dags["maintain_warehouse"]
    assert dag["schedule"] == "30 4 * * *"
    assert dag["waits_for"] == []
    assert dag["tasks"]["prune_airflow"]["upstream"] == ["compact_warehouse"]
    assert all(task["has_callback"] for task in dag["tasks"].values())


def test_a_build_goes_one_way(dags: dict[str, Any]) -> None:
    tasks = dags["build_warehouse"]["tasks"]
    order = ["start_build", "stage_sources", "resolve_identities", "model_facts", "estimate_statistics"]
    order += ["model_reports", "audit_build", "publish_build"]
    assert set(tasks) == set(order)
    for before, after in pairwise(order):
        assert before in tasks[after]["upstream"]
    assert all(task["has_callback"] for task in tasks.values())
