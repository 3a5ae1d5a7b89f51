"""All DAGs run through Airflow on a small brand, one after the other: the tests follow the warehouse's life."""

import gzip
import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow_runs import Airflow, Inbox
from sqlalchemy import text

from support.stores import LOGIN, PASSWORD, Sftp
from touchline import steps, warehouse
from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.orchestration import fencing, polling
from touchline.orchestration.airflow_home import AirflowHome
from touchline.settings import Settings

DEMO = ("service_crm", "store_pos", "voice_center")
SKIPPED_POLL = {
    "find_exports": {"success"},
    "load_exports": {"skipped"},
    "check_loads": {"skipped"},
    "announce_loads": {"skipped"},
    "confirm_loads": {"skipped"},
}


def tasks_of(states: dict[str, set[str]], dag_id: str) -> dict[str, set[str]]:
    return {name: found for name, found in states.items() if name != dag_id}


def delivered(settings: Settings) -> set[str]:
    """Export files in the landing folder, by their paths below it."""
    landing = settings.landing_dir
    return {path.relative_to(landing).as_posix() for name in DEMO for path in (landing / name).iterdir()}


def test_new_exports_become_published_marts_and_reports(airflow: Airflow) -> None:
    for source in DEMO:
        assert airflow.run(f"ingest_{source}", settle_seconds=0)[f"ingest_{source}"] == {"success"}
    loads = airflow.ledger("select file_name, state from ops.loads")
    assert {name for name, _ in loads} == delivered(airflow.settings)
    assert {state for _, state in loads} == {"accepted"}

    states = airflow.run("build_warehouse")
    assert set().union(*states.values()) == {"success"}
    ((build_id, state),) = airflow.ledger("select build_id, state from ops.builds")
    assert state == "published"
    assert airflow.ledger("select build_id from ops.publications") == [(build_id,)]

    assert airflow.run("publish_reports")["publish_reports"] == {"success"}
    assert (airflow.settings.reports_dir / "index.html").is_file()
    entities = airflow.ledger("select kind, entity from ops.load_entities join ops.loads using (load_id)")
    assert {f"touchline://raw/{kind}/{entity}" for kind, entity in entities} <= set(airflow.asset_events())
    assert "touchline://marts" in airflow.asset_events()


def test_a_poll_with_nothing_new_rings_for_nothing(airflow: Airflow) -> None:
    events, builds = airflow.asset_events(), airflow.ledger("select build_id from ops.builds")
    states = airflow.run("ingest_store_pos", settle_seconds=0)
    assert tasks_of(states, "ingest_store_pos") == SKIPPED_POLL
    states = tasks_of(airflow.run("build_warehouse"), "build_warehouse")
    assert states.pop("start_build") == {"success"}
    assert set().union(*states.values()) == {"skipped"}
    assert airflow.asset_events() == events
    assert airflow.ledger("select build_id from ops.builds") == builds


def test_a_renamed_or_touched_file_is_not_new(airflow: Airflow) -> None:
    folder = airflow.settings.landing_dir / "store_pos"
    known = next(folder.glob("transactions_*"))
    os.utime(known, (1_700_000_000, 1_700_000_000))
    twin = folder / f"transactions_delivered_twice_{known.name}"
    shutil.copy(known, twin)
    assert polling.find_work(airflow.settings, "store_pos", settle_seconds=0) == []
    twin.unlink()


def test_a_file_still_being_written_waits_for_the_next_poll(airflow: Airflow) -> None:
    name = "service_crm/contacts_being_written.csv"
    file = airflow.settings.landing_dir / name
    file.write_text("contact_id\n", encoding="utf-8")
    assert polling.find_work(airflow.settings, "service_crm", settle_seconds=3600) == []
    assert polling.find_work(airflow.settings, "service_crm", settle_seconds=0) == [
        "service_crm/contacts_being_written.csv"
    ]
    # A clock that runs ahead at the sender does not hold a file back.
    os.utime(file, (4_000_000_000, 4_000_000_000))
    assert polling.find_work(airflow.settings, "service_crm", settle_seconds=3600) == [
        "service_crm/contacts_being_written.csv"
    ]
    file.unlink()


def test_an_airflow_connection_opens_a_remote_location(
    airflow: Airflow, sftp_server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sftp_server.folder / "contacts_1.csv"
    file.write_text("contact_id,created_at\nc1,2026-06-01T00:00:00Z\n", encoding="utf-8")
    os.utime(file, (1_780_000_000, 1_780_000_000))
    given = {"conn_type": "sftp", "login": LOGIN, "password": PASSWORD, "extra": {"host_key": sftp_server.host_key}}
    monkeypatch.setenv("AIRFLOW_CONN_ACME_BOX", json.dumps(given))
    export = {"name": "contacts", "files": ["*.csv"], "into": [{"entity": "contacts"}]}
    source = {"source": "acme_crm", "kind": "crm", "description": "d", "owner": "o", "exports": [export]}
    document = yaml.safe_dump(source | {"location": sftp_server.url, "connection": "acme_box"})
    (tmp_path / "acme_crm.yml").write_text(document, encoding="utf-8")
    settings = airflow.settings.model_copy(update={"sources": tmp_path})
    with pytest.raises(TouchlineError, match="no connection 'acme_box'"):
        steps.find_exports(settings)
    assert polling.find_work(settings, "acme_crm", settle_seconds=0) == ["contacts_1.csv"]
    monkeypatch.delenv("AIRFLOW_CONN_ACME_BOX")
    monkeypatch.setenv("TOUCHLINE_CONNECTION_ACME_BOX", json.dumps(given))
    assert polling.find_work(settings, "acme_crm", settle_seconds=0) == ["contacts_1.csv"]
    assert sftp_server.opened == []  # a poll lists, and fetches nothing


def test_a_file_name_is_never_a_template(airflow: Airflow) -> None:
    folder = airflow.settings.landing_dir / "service_crm"
    whole = (folder / "contacts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "contacts_{{ 1 + 1 }}.csv").write_text("".join(whole[:-1]), encoding="utf-8")
    assert airflow.run("ingest_service_crm", settle_seconds=0)["ingest_service_crm"] == {"success"}
    names = airflow.ledger("select file_name, state from ops.loads order by load_id desc limit 1")
    assert names == [("service_crm/contacts_{{ 1 + 1 }}.csv", "accepted")]


def test_a_refused_file_turns_the_run_red_and_is_told_once(airflow: Airflow, inbox: Inbox) -> None:
    inbox.titles.clear()
    broken = airflow.settings.landing_dir / "store_pos" / "transactions_2099-01.csv.gz"
    broken.write_bytes(gzip.compress(b"transaction_id\n1\n")[:-9])
    states = airflow.run("ingest_store_pos", settle_seconds=0)
    assert states["confirm_loads"] == {"failed"}
    assert states["ingest_store_pos"] == {"failed"}
    assert airflow.ledger("select state from ops.loads where file_name like '%2099-01%'") == [("refused",)]
    assert len(inbox.titles) == 1
    assert "store_pos" in inbox.titles[0]
    # The next poll leaves it alone until it, or its mapping, has changed.
    assert tasks_of(airflow.run("ingest_store_pos", settle_seconds=0), "ingest_store_pos") == SKIPPED_POLL
    assert len(inbox.titles) == 1
    broken.unlink()


def test_a_missing_landing_folder_is_told(airflow: Airflow, inbox: Inbox) -> None:
    inbox.titles.clear()
    landing = airflow.settings.landing_dir
    away = landing.rename(landing.with_name("away"))
    try:
        for _ in range(2):
            assert airflow.run("ingest_voice_center")["ingest_voice_center"] == {"failed"}
    finally:
        away.rename(landing)
    told = "DAG failed: ingest_voice_center, find_exports"
    assert inbox.titles == [told]
    assert airflow.run("ingest_voice_center")["find_exports"] == {"success"}
    assert inbox.titles == [told, f"Resolved: {told}"]


def test_waiting_alerts_are_delivered_by_a_dag_of_their_own(airflow: Airflow, inbox: Inbox) -> None:
    inbox.titles.clear()
    with warehouse.engine(airflow.settings).begin() as connection:
        connection.execute(
            text(
                "insert into ops.outbox (event, route, severity, title, body)"
                " values ('opened', 'default', 'critical', 'waited', 'for this')"
            )
        )
    assert airflow.run("deliver_alerts")["deliver_messages"] == {"success"}
    assert "waited" in inbox.titles


def test_a_missed_deadline_is_told_once_and_that_of_a_failed_run_is_not(airflow: Airflow, inbox: Inbox) -> None:
    """Airflow keeps the deadlines of a run in its database, and hands the callback what it finds there."""
    inbox.titles.clear()
    assert airflow.miss_deadline("publish_reports", "running") == (True, None)
    assert airflow.miss_deadline("publish_reports", "running") == (True, None)
    assert inbox.titles == ["DAG late: publish_reports"]
    assert airflow.miss_deadline("maintain_warehouse", "failed") == (True, None)
    assert airflow.run("publish_reports")["publish_reports"] == {"success"}
    assert inbox.titles == ["DAG late: publish_reports", "Resolved: DAG late: publish_reports"]


def test_the_sweep_finds_what_fell_through(airflow: Airflow, inbox: Inbox) -> None:
    """Two hours old: a load nobody judged, a file nobody loaded, an alert nobody got."""
    assert airflow.run("sweep_warehouse")["sweep_warehouse"] == {"success"}
    inbox.titles.clear()
    owner = warehouse.engine(airflow.settings)
    folder = airflow.settings.landing_dir / "service_crm"
    whole = (folder / "contacts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    left = folder / "contacts_left.csv"
    left.write_text("".join(whole[:-2]), encoding="utf-8")
    two_hours_ago = time.time() - 7200
    os.utime(left, (two_hours_ago, two_hours_ago))
    ((load_id,),) = airflow.ledger("select max(load_id) from ops.loads where state = 'accepted'")
    with owner.begin() as connection:
        connection.execute(
            text("update ops.loads set state = 'loaded', finished_at = now() - interval '2 hours' where load_id = :id"),
            {"id": load_id},
        )
        connection.execute(
            text(
                "insert into ops.outbox (event, route, severity, title, body, created_at, next_attempt_at)"
                " values ('opened', 'default', 'critical', 'stuck', 'x', now() - interval '2 hours',"
                " now() + interval '1 day')"
            )
        )
    states = airflow.run("sweep_warehouse")
    assert states["judge_forgotten_loads"] == states["find_forgotten_files"] == {"success"}
    assert states["find_undelivered_alerts"] == {"failed"}
    assert airflow.ledger(f"select state from ops.loads where load_id = {load_id}") == [("accepted",)]
    assert inbox.titles == [
        "Files nobody has loaded: service_crm",
        "DAG failed: sweep_warehouse, find_undelivered_alerts",
    ]
    with owner.begin() as connection:
        connection.execute(text("delete from ops.outbox where title = 'stuck'"))
    left.unlink()
    assert airflow.run("sweep_warehouse")["sweep_warehouse"] == {"success"}
    assert "Resolved: Files nobody has loaded: service_crm" in inbox.titles


def test_a_build_as_of_an_earlier_instant_is_made_and_not_published_over_a_later_one(airflow: Airflow) -> None:
    live = airflow.ledger("select max(build_id) from ops.publications")
    states = airflow.run("build_warehouse", as_of="2026-06-15T00:00:00+00:00")
    assert states["audit_build"] == {"success"}
    assert states["publish_build"] == {"skipped"}
    (made,) = airflow.ledger("select as_of, is_as_of_given, state from ops.builds order by build_id desc limit 1")
    assert made == (datetime(2026, 6, 15, tzinfo=UTC), True, "audited")
    assert airflow.ledger("select max(build_id) from ops.publications") == live


def test_two_builds_at_once_are_refused(airflow: Airflow) -> None:
    owner = warehouse.engine(airflow.settings)
    builds = airflow.ledger("select count(*) from ops.builds")
    with warehouse.advisory_lock(owner, Lock.BUILD, "busy"):
        # The file with a template for a name waits for a build: start_build would begin one.
        assert steps.is_build_needed(airflow.settings)
        assert airflow.run("build_warehouse")["start_build"] == {"failed"}
    assert airflow.ledger("select count(*) from ops.builds") == builds


def test_maintenance_gives_way_to_a_build_and_prunes_what_is_old(airflow: Airflow) -> None:
    settings = airflow.settings
    owner = warehouse.engine(settings)
    with warehouse.advisory_lock(owner, Lock.BUILD, "busy"):
        assert airflow.run("maintain_warehouse")["compact_warehouse"] == {"failed"}
    old = AirflowHome(settings).logs / "dag_id=gone" / "run_id=1" / "attempt=1.log"
    old.parent.mkdir(parents=True)
    old.write_text("long ago", encoding="utf-8")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    young = old.parents[2] / "young.log"
    young.write_text("just now", encoding="utf-8")
    assert airflow.run("maintain_warehouse")["maintain_warehouse"] == {"success"}
    assert not old.parents[1].exists()
    assert young.is_file()
    assert airflow.ledger("select distinct removed from ops.compactions") == [(0,)]


def test_a_build_that_lost_its_slot_stops(airflow: Airflow) -> None:
    settings = airflow.settings
    with fencing.new_build(settings):
        older = steps.start_build(settings).build_id
    with fencing.own_build(settings, older):
        pass
    with fencing.new_build(settings):
        newer = steps.start_build(settings).build_id
    lost = f"Build {older} .* no longer owns the slot; build {newer} does"
    with pytest.raises(TouchlineError, match=lost), fencing.own_build(settings, older):
        pass
    assert dict(airflow.ledger(f"select build_id, state from ops.builds where build_id in ({older}, {newer})")) == {
        older: "failed",
        newer: "building",
    }


def test_a_failed_step_closes_the_build_and_is_told_once(airflow: Airflow, inbox: Inbox) -> None:
    """The builder may not read what it needs: a real failure in the middle of a build."""
    inbox.titles.clear()
    owner = warehouse.engine(airflow.settings)
    live = airflow.ledger("select build_id from ops.publications order by publication_id desc limit 1")
    revoke(owner, "revoke usage on schema raw from touchline_builder")
    try:
        states = airflow.run("build_warehouse")
    finally:
        revoke(owner, "grant usage on schema raw to touchline_builder")
    assert states["stage_sources"] == {"failed"}
    assert states["publish_build"] == {"upstream_failed"}
    ((state, reason),) = airflow.ledger("select state, reason from ops.builds order by build_id desc limit 1")
    assert state == "failed"
    assert "dbt node(s) failed" in reason
    assert len(inbox.titles) == 1
    assert airflow.ledger("select build_id from ops.publications order by publication_id desc limit 1") == live


def revoke(owner: Any, statement: str) -> None:
    with owner.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("files", "lengths"), [(0, []), (1, [1]), (8, [1] * 8), (9, [1] * 7 + [2]), (20, [2, 3, 2, 3, 2, 3, 2, 3])]
)
def test_batches_keep_order_and_share_the_work(files: int, lengths: list[int]) -> None:
    names = [str(number) for number in range(files)]
    made = polling.batches(names, 8)
    assert [name for batch in made for name in batch] == names
    assert [len(batch) for batch in made] == lengths


def test_nothing_is_written_to_the_home_folder(airflow: Airflow) -> None:
    from airflow.configuration import AIRFLOW_HOME

    assert Path(AIRFLOW_HOME).is_relative_to(airflow.settings.home)
