"""A live Airflow with people at it: a question is answered by whom it is for, and a late run is told of."""

import http.client
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from support.loading import execute, rows
from support.receivers import free_port
from touchline.orchestration import live
from touchline.orchestration.airflow_home import HOST
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 600
"""Only an end to waiting."""
REJECTED = """
    insert into ops.loads (source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
        mapping_fingerprint, started_at, state, reason)
    values ('s', 'e', 'crm', 'b', 'f.csv', 'x', 1, now(), 'm', now(), 'rejected', 'too many bad records')
"""
SLOW_DAG = '''
"""An Airflow DAG that is due at once and takes until it is let go."""
import time
from datetime import timedelta
from pathlib import Path
from airflow.sdk import dag, task
from touchline.orchestration.callbacks import clear_failure
from touchline.orchestration.defaults import dag_options

@dag(dag_id="take_long", schedule=None, **dag_options(due_after=timedelta(seconds=1)))
def take_long():
    @task(on_success_callback=clear_failure)
    def wait():
        while not Path(__file__).with_name("let_go").exists():
            time.sleep(0.5)
    wait()

take_long()
'''


@dataclass
class Person:
    """Somebody who is logged in to Airflow's interface."""

    port: int
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        status, answer = self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        assert status == 200, answer
        run_id: str = answer["dag_run_id"]
        return run_id

    def state(self, dag_id: str, run_id: str) -> str:
        return str(self.ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")[1]["state"])

    def answer(self, run_id: str, choice: str) -> int:
        task = f"/api/v2/dags/approve_action/dagRuns/{run_id}/taskInstances/ask_person/-1/hitlDetails"
        return self.ask("PATCH", task, {"chosen_options": [choice]})[0]

    def is_asked(self, run_id: str) -> bool:
        task = f"/api/v2/dags/approve_action/dagRuns/{run_id}/taskInstances/ask_person"
        return bool(self.ask("GET", task)[1].get("state") == "awaiting_input")


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """A state folder and a project folder whose only DAGs are the one of approvals and one that is late."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-requests-"))
    folder.chmod(0o711)
    project = folder / "project"
    (project / "dags" / "sources").mkdir(parents=True)
    for name in ("dbt_project", "expectations"):
        (project / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "dags" / "approve_action.py", project / "dags")
    (project / "dags" / "take_long.py").write_text(SLOW_DAG, encoding="utf-8")
    made = Settings(home=folder / "home", project_dir=project, approvers=["anna", "bo"])
    yield made
    live.down(made)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def people(settings: Settings) -> dict[str, Person]:
    """Everybody who may log in, by name."""
    port = free_port()
    access = live.up(settings, port=port)
    passwords = json.loads(access.password_file.read_text(encoding="utf-8"))
    found = {}
    for name, password in passwords.items():
        status, answer = Person(port).ask("POST", "/auth/token", {"username": name, "password": password})
        assert status == 201
        found[name] = Person(port, answer["access_token"])
    wait_for("the DAGs", lambda: all(found["admin"].ask("GET", f"/api/v2/dags/{d}")[0] == 200 for d in DAGS))
    return found


DAGS = ("approve_action", "take_long")
READING_SECONDS = 5


def wait_for(what: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(0.5)


def test_a_question_is_answered_by_another_named_person_and_kept(settings: Settings, people: dict[str, Person]) -> None:
    assert set(people) == {"admin", "anna", "bo"}
    execute(settings, REJECTED)
    wanted = {"action": "accept_load", "arguments": {"load_id": 1}, "reason": "asked the shop", "days": 3}
    runs = {name: people["anna"].trigger("approve_action", wanted) for name in ("yes", "no", "own")}
    nonsense = people["anna"].trigger("approve_action", wanted | {"arguments": {"load_id": "all"}})
    for run_id in runs.values():
        wait_for("a question", partial(people["anna"].is_asked, run_id))
    assert people["admin"].answer(runs["yes"], "Approve") == 403  # not named
    assert rows(settings, "select 1 from ops.approvals") == []
    # Of what anna asked for herself Airflow takes her answer; Touchline does not.
    said = {"yes": ("bo", "Approve"), "no": ("bo", "Reject"), "own": ("anna", "Approve")}
    ends = {runs["yes"]: "success", runs["no"]: "success", runs["own"]: "failed", nonsense: "failed"}

    asked_since: dict[str, float] = {}

    def has_ended(run_id: str) -> bool:
        # Airflow loses an answer that comes before its scheduler has noticed the question, and asks again, three times
        # at most: like a person, read for a few seconds before answering.
        for name, (who, choice) in said.items():
            if runs[name] != run_id:
                continue
            if not people[who].is_asked(run_id):
                asked_since.pop(run_id, None)
            elif time.monotonic() - asked_since.setdefault(run_id, time.monotonic()) > READING_SECONDS:
                people[who].answer(run_id, choice)
                asked_since.pop(run_id)
        return people["bo"].state("approve_action", run_id) in ("success", "failed")

    for run_id, state in ends.items():
        wait_for(f"{run_id} to end", partial(has_ended, run_id))
        assert people["bo"].state("approve_action", run_id) == state
    kept = rows(settings, "select is_approved, asked_by, answered_by, outcome is null from ops.approvals order by 1")
    assert kept == [(False, "anna", "bo", True), (True, "anna", "bo", False)]
    assert rows(settings, "select reason, accepted_by from ops.overrides") == [("asked the shop", "bo, asked by anna")]


def test_a_late_run_is_an_incident_until_it_has_ended(settings: Settings, people: dict[str, Person]) -> None:
    incident = "select kind, state from ops.incidents where cause = 'dag-late/take_long'"
    run_id = people["admin"].trigger("take_long", {})
    wait_for("the incident", lambda: rows(settings, incident) == [("dag-late", "open")])
    (settings.project_dir / "dags" / "let_go").touch()
    wait_for("the run's end", lambda: people["admin"].state("take_long", run_id) == "success")
    wait_for("the incident's end", lambda: rows(settings, incident) == [("dag-late", "resolved")])
    events = rows(settings, "select event from ops.outbox where title ~ 'take_long' order by message_id")
    assert events == [("opened",), ("resolved",)]
