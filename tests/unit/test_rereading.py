"""After a fix: held records are replayed, known files reloaded; nothing is lost, doubled or seen half-way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from support import rereading as support
from support.rereading import deliver, land, landed, mended, query, write_source
from touchline import builds, pipeline, queries, rejected, rereading, steps, warehouse
from touchline.contracts import load_contracts
from touchline.errors import TouchlineError
from touchline.held import Selection
from touchline.settings import Settings

GOOD = ("c1", "Anna Smith", "anna@example.com", "2026-01-02T03:04:05Z", "true")
SI = ("c2", "Bert Jones", "bert@example.com", "2026-01-05T03:04:05Z", "si")
MAYBE = ("c3", "Cleo Diaz", "cleo@example.com", "2026-01-03T03:04:05Z", "maybe")
SPANISH = {"values": {"true": ["true", "si"]}}
NO_MAYBE = {"filter": [{"if": {"column": "consent_marketing", "equals": "maybe"}, "reason": "undecided"}]}


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Settings:
    made = settings.model_copy(update={"sources": tmp_path / "sources"})
    write_source(made, support.SOURCE)
    return made


def set_aside(settings: Settings, *rows: tuple[str, ...], source: dict[str, Any] = support.SOURCE) -> int:
    """Deliver and land one file; its load."""
    write_source(settings, source)
    deliver(settings, "a.csv", support.csv_bytes(rows or (GOOD, SI, MAYBE)))
    [outcome] = land(settings)
    return int(outcome.load_id)


def frozen(settings: Settings) -> list[int]:
    """The loads a build would be made of now."""
    owner = warehouse.engine(settings)
    build = builds.freeze(owner, steps.read_sources(settings), "code")
    return [row[0] for row in query(settings, f"select load_id from ops.build_loads where build_id = {build.build_id}")]


def keys_built(settings: Settings) -> list[str]:
    loads = ", ".join(map(str, frozen(settings))) or "null"
    rows = query(settings, f"select contact_id from raw.crm_contacts where _load_id in ({loads}) order by 1")
    return [row[0] for row in rows]


def test_what_passes_now_comes_in_by_a_load_of_its_own(shop: Settings) -> None:
    origin = set_aside(shop)
    before = query(shop, f"select * from ops.loads where load_id = {origin}")
    write_source(shop, mended(SPANISH))
    [outcome] = rereading.replay_held(shop, Selection())
    assert (outcome.records, outcome.loaded, outcome.filtered, outcome.still_held) == (2, 1, 0, 1)
    assert dict(outcome.held) == {("consent_marketing", "not a yes/no value"): 1}
    assert query(shop, f"select * from ops.loads where load_id = {origin}") == before
    own = f"select replay_of, records, loaded, state from ops.loads where load_id = {outcome.load_id}"
    assert query(shop, own) == [(origin, 1, 1, "loaded")]
    assert query(shop, "select records, loaded, filtered, held from ops.load_accounts") == [(3, 2, 0, 1)]
    marks = "select record_number, replayed_by, replayed_as from quarantine.records order by 1"
    assert query(shop, marks) == [(2, outcome.load_id, "loaded"), (3, None, None)]
    support.assert_nothing_is_lost(shop)


def test_version_number_and_completeness_are_those_of_the_file(shop: Settings) -> None:
    set_aside(shop)
    write_source(shop, mended(SPANISH))
    rereading.replay_held(shop, Selection())
    rows = query(
        shop, "select _record_number, extract(epoch from _version_at)::bigint from raw.crm_contacts order by 1"
    )
    assert rows == [(1, support.EXTRACTED), (2, support.EXTRACTED)]
    # The replayed record is of 5 January, the one loaded at first of the 2nd; both days are rounded up.
    through = "select to_char(complete_through, 'DD HH24') from ops.loads order by load_id"
    assert query(shop, through) == [("03 00",), ("06 00",)]


def test_a_record_is_never_replayed_twice(shop: Settings) -> None:
    set_aside(shop)
    write_source(shop, mended(SPANISH))
    rereading.replay_held(shop, Selection())
    before = landed(shop)
    [again] = rereading.replay_held(shop, Selection())
    assert (again.records, again.loaded, again.load_id) == (1, 0, None)
    assert landed(shop) == before
    assert query(shop, "select count(*) from ops.loads") == [(2,)]


def test_filtered_and_newly_failing_records_say_so(shop: Settings) -> None:
    late = ("c4", "Dora", "", "n/a", "true")
    origin = set_aside(shop, GOOD, MAYBE, late)
    write_source(shop, mended({"values": {"null": ["", "n/a"]}} | NO_MAYBE))
    [outcome] = rereading.replay_held(shop, Selection())
    assert (outcome.loaded, outcome.filtered) == (0, 1)
    assert query(shop, "select record_number, replayed_as, reason from quarantine.records order by 1") == [
        (2, "filtered", "not a yes/no value"),
        (3, None, "missing"),
    ]
    reasons = f"select outcome, reason, records from ops.load_reasons where load_id = {outcome.load_id}"
    assert query(shop, reasons) == [("filtered", "undecided", 1)]
    # The original load's counts are history.
    history = f"select reason from ops.load_reasons where load_id = {origin} and outcome = 'quarantined' order by 1"
    assert query(shop, history) == [("not a timestamp (ISO 8601)",), ("not a yes/no value",)]
    support.assert_nothing_is_lost(shop)
    _, listed = queries.quarantined(warehouse.engine(shop), None)
    assert [row[3:6] for row in listed] == [("created_at", "missing", 1)]


@pytest.mark.parametrize(
    ("selection", "loaded"),
    [
        (Selection(source="shop_crm"), 2),
        (Selection(source="other"), 0),
        (Selection(export="contacts", entity="contacts"), 2),
        (Selection(entity="cases"), 0),
        (Selection(load_id=99), 0),
        (Selection(reason="not a yes/no value"), 1),
        (Selection(reason="missing"), 1),
    ],
)
def test_some_records_only(shop: Settings, selection: Selection, loaded: int) -> None:
    unnamed = ("", "Dora", "", "2026-01-02T03:04:05Z", "true")
    set_aside(shop, SI, unnamed)
    fields = {name: name for name in support.COLUMNS} | {"contact_id": "full_name"}
    write_source(shop, mended(SPANISH | {"into": [{"entity": "contacts", "map": fields}]}))
    assert sum(outcome.loaded for outcome in rereading.replay_held(shop, selection)) == loaded


def test_a_dry_run_writes_nothing(shop: Settings) -> None:
    set_aside(shop)
    write_source(shop, mended(SPANISH | NO_MAYBE))
    tables = ("ops.loads", "quarantine.records", "raw.crm_contacts", "vault.values")
    before = [query(shop, f"select t::text from {table} as t order by 1") for table in tables]
    [outcome] = rereading.replay_held(shop, Selection(), is_dry_run=True)
    assert (outcome.loaded, outcome.filtered, outcome.still_held, outcome.load_id) == (1, 1, 0, None)
    assert before == [query(shop, f"select t::text from {table} as t order by 1") for table in tables]


def test_the_file_need_not_be_there(shop: Settings) -> None:
    set_aside(shop)
    (shop.landing_dir / "shop_crm" / "a.csv").unlink()
    write_source(shop, mended(SPANISH))
    assert [outcome.loaded for outcome in rereading.replay_held(shop, Selection())] == [1]


def test_a_mended_contract_is_enough(shop: Settings, tmp_path: Path) -> None:
    contract = shop.contracts_dir / "crm" / "contacts.odcs.yaml"
    no_time = ("c4", "Dora", "", "", "true")
    set_aside(shop, GOOD, no_time)
    source = load_contracts(shop.contracts_dir)
    assert source["crm", "contacts"].by_name["created_at"].is_required
    project = tmp_path / "project"
    mended_file = project / contract.relative_to(shop.project_dir)
    mended_file.parent.mkdir(parents=True)
    text_before = contract.read_text()
    at = text_before.index("- name: created_at")
    mended_file.write_text(text_before[:at] + text_before[at:].replace("required: true", "required: false", 1))
    mended_settings = shop.model_copy(update={"project_dir": project})
    assert [outcome.loaded for outcome in rereading.replay_held(mended_settings, Selection())] == [1]


def test_records_whose_source_or_export_is_gone_stay_and_are_named(shop: Settings) -> None:
    set_aside(shop)
    other = mended({"name": "people"})
    write_source(shop, other)
    [outcome] = rereading.replay_held(shop, Selection())
    assert "has no export contacts any more" in outcome.problem
    (shop.sources_dir / "shop_crm.yml").unlink()
    [outcome] = rereading.replay_held(shop, Selection())
    assert "No source file describes shop_crm" in outcome.problem
    support.assert_nothing_is_lost(shop)


def test_a_mapping_that_reads_a_column_the_file_lacks_changes_nothing(shop: Settings) -> None:
    set_aside(shop)
    before = landed(shop)
    fields = {"contact_id": "contact_id", "created_at": "joined"}
    write_source(shop, mended({"into": [{"entity": "contacts", "map": fields}]}))
    [outcome] = rereading.replay_held(shop, Selection())
    assert "The header lacks joined" in outcome.problem
    assert landed(shop) == before


def test_no_personal_data_outside_the_vault(shop: Settings) -> None:
    header = support.csv_bytes([GOOD, SI, MAYBE]).replace(b"full_name", b"Bert Jones")
    deliver(shop, "a.csv", header)
    land(shop)
    write_source(shop, mended(SPANISH))
    rereading.replay_held(shop, Selection())
    tables = (
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('ops', 'raw', 'quarantine', 'vault')"
    )
    for (table,) in query(shop, tables):
        dump = str(query(shop, f"select t::text from {table} as t")).lower()
        for name in ("bert", "cleo", "anna"):
            assert name not in dump, table
            assert name.encode().hex() not in dump, table


@pytest.mark.parametrize("kind", support.FORMATS)
def test_show_gives_the_bytes_of_the_file(shop: Settings, kind: str) -> None:
    content = support.FORMATS[kind]([GOOD, MAYBE])
    write_source(shop, mended({"format": {"type": kind}}))
    deliver(shop, f"a.{kind}", content)
    [outcome] = land(shop)
    shown = queries.quarantined_record(shop, outcome.load_id, 2)
    assert shown is not None
    if kind in ("xlsx", "parquet"):
        # A table has no bytes of a record: its row is kept as JSON.
        assert json.loads(shown) == dict(zip(support.COLUMNS, MAYBE, strict=True))
        return
    [(offset,)] = query(shop, "select byte_offset from quarantine.records")
    assert content[offset : offset + len(shown)] == shown
    assert b"cleo@example.com" in shown
    assert b"anna" not in shown


def test_a_snapshot_holds_what_was_replayed_into_it(shop: Settings) -> None:
    snapshot = {"delivery": "snapshot"}
    set_aside(shop, source=mended(snapshot))
    assert steps.check_loads(shop) == []
    assert keys_built(shop) == ["c1"]
    write_source(shop, mended(snapshot | SPANISH))
    rereading.replay_held(shop, Selection())
    assert steps.check_loads(shop) == []
    assert keys_built(shop) == ["c1", "c2"]
    # The next snapshot replaces both, and is measured against both.
    deliver(shop, "b.csv", support.csv_bytes([GOOD]), support.EXTRACTED + 86_400)
    land(shop)
    [shrunk] = steps.check_loads(shop)
    assert shrunk.reason.startswith("the snapshot holds 1 records, the one before held 2")
    assert keys_built(shop) == ["c1", "c2"]


def test_a_replay_counts_with_the_load_it_completes_alone(shop: Settings) -> None:
    origin = set_aside(shop)
    write_source(shop, mended(SPANISH))
    [outcome] = rereading.replay_held(shop, Selection())
    assert steps.check_loads(shop) == []
    assert frozen(shop) == [origin, outcome.load_id]
    with warehouse.engine(shop).begin() as connection:
        connection.execute(text(f"update ops.loads set state = 'rejected' where load_id = {origin}"))
    assert frozen(shop) == []


def test_the_error_budget_is_judged_anew_after_a_replay(shop: Settings) -> None:
    origin = set_aside(shop, GOOD, SI, MAYBE, source=mended({}, error_budget=0.4))
    [judged] = steps.check_loads(shop)
    assert judged.reason == "2 of 3 records were set aside, more than the source's error budget of 40.0%"
    assert frozen(shop) == []
    write_source(shop, mended(SPANISH, error_budget=0.4))
    [outcome] = rereading.replay_held(shop, Selection())
    rejected.recheck(warehouse.engine(shop), origin)
    assert steps.check_loads(shop) == []
    assert frozen(shop) == [origin, outcome.load_id]
    assert keys_built(shop) == ["c1", "c2"]


@pytest.mark.parametrize(("budget", "is_rejected"), [(None, False), (2, False), (1, True), (0, True)])
def test_the_error_budget_may_be_a_number_of_records(shop: Settings, budget: int | None, is_rejected: bool) -> None:
    set_aside(shop, source=mended({}, error_budget_records=budget))
    reasons = [item.reason for item in steps.check_loads(shop)]
    many = f"2 of 3 records were set aside, more than the source's error budget of {budget} records"
    assert reasons == ([many] if is_rejected else [])


def test_a_reload_takes_the_place_of_the_load_and_its_replays(shop: Settings) -> None:
    origin = set_aside(shop)
    write_source(shop, mended(SPANISH))
    [replayed] = rereading.replay_held(shop, Selection())
    raw = query(shop, "select * from raw.crm_contacts order by contact_id")
    fields = {name: name for name in support.COLUMNS if name != "consent_marketing"}
    write_source(shop, mended({"into": [{"entity": "contacts", "map": fields}]}))
    os.utime(shop.landing_dir / "shop_crm" / "a.csv")  # touched: another time, the same bytes
    [done] = rereading.reload_loads(shop, [origin])
    assert (done.records, done.loaded, done.held, done.problem) == (3, 3, 0, "")
    states = "select load_id, state, superseded_by from ops.loads order by load_id"
    assert query(shop, states) == [
        (origin, "superseded", done.load_id),
        (replayed.load_id, "superseded", done.load_id),
        (done.load_id, "loaded", None),
    ]
    assert query(shop, f"select * from raw.crm_contacts where _load_id <> {done.load_id} order by contact_id") == raw
    versions = f"select distinct extract(epoch from _version_at) from raw.crm_contacts where _load_id = {done.load_id}"
    assert query(shop, versions) == [(support.EXTRACTED,)]
    assert steps.check_loads(shop) == []
    assert frozen(shop) == [done.load_id]
    # What the old load held is the new load's matter.
    assert rereading.replay_held(shop, Selection()) == []
    assert queries.quarantined(warehouse.engine(shop), None)[1] == []
    assert [outcome.is_new for outcome in land(shop)] == [False]
    support.assert_nothing_is_lost(shop)


def test_a_reload_that_fails_leaves_the_load_in_use(shop: Settings) -> None:
    origin = set_aside(shop)
    write_source(shop, mended({"into": [{"entity": "contacts", "map": {"contact_id": "id", "created_at": "id"}}]}))
    [done] = rereading.reload_loads(shop, [origin])
    assert "The header lacks id" in done.problem
    write_source(shop, support.SOURCE)
    (shop.landing_dir / "shop_crm" / "a.csv").write_bytes(b"other bytes")
    [gone, unknown] = rereading.reload_loads(shop, [origin, 99])
    assert "does not lie where its source's files lie any more" in gone.problem
    assert "There is no load 99" in unknown.problem
    assert query(shop, "select load_id, state from ops.loads") == [(origin, "loaded")]


def test_a_replay_can_be_reloaded_too(shop: Settings) -> None:
    """A replay by a mapping that turned out wrong: its records are read again, from quarantine."""
    origin = set_aside(shop)
    write_source(shop, mended({"values": {"true": ["true"], "false": ["si"]}}))
    [wrong] = rereading.replay_held(shop, Selection())
    write_source(shop, mended(SPANISH))
    assert wrong.load_id is not None
    [done] = rereading.reload_loads(shop, [wrong.load_id])
    assert (done.records, done.loaded, done.problem) == (1, 1, "")
    states = "select load_id, state, replay_of from ops.loads order by load_id"
    assert query(shop, states) == [
        (origin, "loaded", None), (wrong.load_id, "superseded", origin), (done.load_id, "loaded", origin),
    ]  # fmt: skip
    steps.check_loads(shop)
    built = ", ".join(map(str, frozen(shop)))
    consents = f"select consent_marketing from raw.crm_contacts where _load_id in ({built}) and contact_id = 'c2'"
    assert query(shop, consents) == [(True,)]
    # And by a mapping by which it fails again: it is held as before.
    write_source(shop, support.SOURCE)
    assert done.load_id is not None
    [back] = rereading.reload_loads(shop, [done.load_id])
    assert (back.load_id, back.loaded, back.held) == (None, 0, 1)
    assert query(shop, "select records, loaded, filtered, held from ops.load_accounts") == [(3, 1, 0, 2)]
    support.assert_nothing_is_lost(shop)


def test_a_refused_file_is_read_again_after_the_fix_and_counted_once(shop: Settings) -> None:
    deliver(shop, "a.csv", b"contact_id;created_at\nc1;2026-01-02T03:04:05Z\n")
    refused = [land(shop)[0] for _ in range(2)]
    assert [outcome.state for outcome in refused] == ["refused", "refused"]
    assert query(shop, "select state from ops.loads order by load_id") == [("superseded",), ("refused",)]
    [done] = rereading.reload_loads(shop, [refused[1].load_id])
    assert "The file was refused" in done.problem
    write_source(shop, mended({"format": {"delimiter": ";"}}))
    assert [outcome.state for outcome in land(shop)] == ["loaded"]
    assert query(shop, "select state from ops.loads order by load_id") == [
        ("superseded",), ("superseded",), ("loaded",),
    ]  # fmt: skip


def test_whoever_runs_is_told_what_a_changed_mapping_asks_for(shop: Settings) -> None:
    origin = set_aside(shop, GOOD)
    deliver(shop, "b.csv", b"no header of ours\n")

    def hints() -> list[str]:
        summary = pipeline.RunSummary(started_at=pipeline.datetime.now(pipeline.UTC))
        pipeline._land(shop, summary, [], lambda _: None)
        return summary.hints

    [refused] = hints()
    assert "touchline check-export shop_crm <file>" in refused
    (shop.landing_dir / "shop_crm" / "b.csv").unlink()
    assert hints() == []
    write_source(shop, mended({"files": ["shop_crm/*.csv"], "max_shrink": 0.5}, error_budget=0.2))
    assert hints() == []
    write_source(shop, mended({}, timezone="Asia/Tokyo"))
    [outdated] = hints()
    assert outdated.startswith("shop_crm/a.csv was read by an earlier mapping: `touchline loads reload")
    assert rereading.outdated_loads(shop, "shop_crm", None) == [origin]
    rereading.reload_loads(shop, [origin])
    assert hints() == []
    assert rereading.outdated_loads(shop, "shop_crm", "contacts") == []


def command(settings: Settings, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("touchline")), *arguments, "--database", str(url(settings))]


def environment(settings: Settings) -> dict[str, str]:
    folders = {"HOME": settings.home, "LANDING": settings.landing_dir, "SOURCES": settings.sources_dir}
    own = {f"TOUCHLINE_{name}": str(path) for name, path in folders.items()}
    return os.environ | own | {"TOUCHLINE_PROJECT_DIR": str(settings.project_dir)}


def url(settings: Settings) -> str:
    return warehouse.database_url(settings).render_as_string(hide_password=False)


def wait_for_lock(settings: Settings) -> None:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    while query(settings, waiting) == [(0,)]:
        assert time.monotonic() < deadline, "the replay never reached the table"
        time.sleep(0.1)


def test_killed_in_the_middle_nothing_has_happened_and_two_at_once_are_refused(shop: Settings) -> None:
    set_aside(shop)
    write_source(shop, mended(SPANISH))
    before = landed(shop)
    plain = warehouse.libpq_url(warehouse.database_url(shop))
    with psycopg.connect(plain) as blocker:
        blocker.execute("lock table raw.crm_contacts in exclusive mode")
        started = subprocess.Popen(
            command(shop, "quarantine", "replay"), env=environment(shop), stdout=subprocess.DEVNULL
        )
        try:
            wait_for_lock(shop)
            with pytest.raises(TouchlineError, match="read again by another process"):
                rereading.replay_held(shop, Selection())
        finally:
            started.send_signal(signal.SIGKILL)
            started.wait()
    deadline = time.monotonic() + 60
    busy = "select count(*) from pg_locks where locktype = 'advisory'"
    while query(shop, busy) != [(0,)]:
        assert time.monotonic() < deadline, "the dead process keeps its lock"
        time.sleep(0.1)
    assert landed(shop) == before
    support.assert_nothing_is_lost(shop)
    [outcome] = rereading.replay_held(shop, Selection())
    assert outcome.loaded == 1
    support.assert_nothing_is_lost(shop)


def test_the_commands_say_what_they_did(shop: Settings) -> None:
    origin = set_aside(shop)
    write_source(shop, mended(SPANISH))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(shop, *arguments), env=environment(shop), capture_output=True, text=True, check=False
        )

    tried = run("quarantine", "replay", "--source", "shop_crm", "--dry-run", "--json")
    assert tried.returncode == 0, tried.stderr
    [told] = json.loads(tried.stdout)
    assert (told["loaded"], told["held"]) == (1, [["consent_marketing", "not a yes/no value", 1]])
    done = run("quarantine", "replay")
    assert done.returncode == 0
    assert "Still held" in done.stdout
    reloaded = run("loads", "reload", str(origin))
    assert reloaded.returncode == 0, reloaded.stderr
    again = run("loads", "reload", str(origin))
    assert again.returncode == 1
    assert "superseded before" in again.stderr
    assert run("loads", "reload").returncode == 1
    listed = run("loads", "list")
    assert listed.returncode == 0
    everything = tried.stdout + done.stdout + reloaded.stdout + again.stderr + listed.stdout
    assert "Cleo" not in everything
    for name in ("token_key", "cipher_key"):
        assert (shop.secrets_dir / name).read_text().strip() not in everything
