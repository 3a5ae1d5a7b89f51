"""What may not happen while tokens move, how a move that was cut short ends, and that no value comes to light."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from support.loading import HEADER, contact, deliver, rows
from touchline import custody, pipeline, steps, vault, warehouse
from touchline.errors import TouchlineError
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.locks import Lock
from touchline.retokenise import places, retokenise, values
from touchline.settings import Settings
from touchline.warehouse import Role

CANARIES = ("zzcanary", "2125550177")
CANARY = "c9,Zzcanary Person,zzcanary@example.com,(212) 555-0177,2026-01-02T00:00:00Z\n"
SET_ASIDE = "c8,Zzcanary Broken,zzcanary@example.org,,no-time\n"
MAPPED_BATCHES = 1
MOVED_LOADS = 1


class CutShortError(Exception):
    """Stands for a crash."""


@contextmanager
def crash(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after: int) -> Iterator[None]:
    """Let a function work so many times, then never again."""
    calls = 0
    original = getattr(module, name)

    def limited(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise CutShortError
        return original(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, limited)
        yield


@pytest.fixture
def rotated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse of two loads and a newer key."""
    monkeypatch.setattr(values, "BATCH_VALUES", 4)
    deliver(settings, "a.csv", HEADER + contact(1))
    deliver(settings, "b.csv", HEADER + contact(2) + CANARY + SET_ASIDE)
    vault.rotate(settings)
    return settings


@pytest.fixture
def mapping(rotated: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Cut short while new tokens were being computed."""
    with crash(monkeypatch, values, "_enter", MAPPED_BATCHES), pytest.raises(CutShortError):
        retokenise(rotated)
    assert rows(rotated, "select count(*) from vault.moves") == [(4,)]
    return rotated


@pytest.fixture
def moving(rotated: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Cut short after the rows of the first load had moved, so that raw holds old and new tokens."""
    with crash(monkeypatch, places, "_move_batch", MOVED_LOADS), pytest.raises(CutShortError):
        retokenise(rotated)
    assert rows(rotated, "select place, through, rows from vault.moved_places") == [('raw."crm_contacts"', 1, 1)]
    return rotated


def test_nothing_is_loaded_or_built_until_the_move_is_ended(moving: Settings) -> None:
    for action in (
        lambda: deliver(moving, "c.csv", HEADER + contact(3)),
        lambda: steps.start_build(moving),
        lambda: pipeline.run(moving),
    ):
        with pytest.raises(TouchlineError, match="Tokens are being moved to another version since") as caught:
            action()
        assert "run `touchline retokenise`" in (caught.value.todo or "")
    counts = "select (select count(*) from ops.loads), (select count(*) from ops.builds)"
    assert rows(moving, counts) == [(2, 0)]
    move = retokenise(moving)
    assert move is not None
    assert (move.tokens, move.rows) == (9, 3)
    assert deliver(moving, "c.csv", HEADER + contact(3)).state == "loaded"


def test_a_load_under_way_is_waited_for(rotated: Settings) -> None:
    engine = warehouse.engine(rotated, Role.LOADER)
    keys = custody.bind(engine, vault.find_keys(rotated), NORMALISER_VERSION)
    raw = engine.raw_connection()
    try:
        custody.claim(raw.driver_connection, keys, NORMALISER_VERSION)  # type: ignore[arg-type]
        with pytest.raises(TouchlineError, match="Files are being loaded, or tokens are being moved already"):
            retokenise(rotated)
    finally:
        raw.close()
    assert retokenise(rotated) is not None


def test_a_load_is_refused_while_tokens_are_held(rotated: Settings) -> None:
    owner = warehouse.engine(rotated)
    with (
        warehouse.advisory_lock(owner, Lock.TOKENS, "busy"),
        pytest.raises(TouchlineError, match="or a person is being erased; nothing may be loaded"),
    ):
        deliver(rotated, "c.csv", HEADER + contact(3))
    # Not a fault of the file: it is not entered as refused.
    assert rows(rotated, "select count(*) from ops.loads") == [(2,)]


def test_a_build_under_way_is_waited_for(rotated: Settings) -> None:
    owner = warehouse.engine(rotated)
    with (
        warehouse.advisory_lock(owner, Lock.BUILD, "busy"),
        pytest.raises(TouchlineError, match="A build is under way"),
    ):
        retokenise(rotated)
    assert rows(rotated, "select max(generation) from ops.token_generations") == [(1,)]


def test_a_build_between_two_tasks_is_given_up(rotated: Settings) -> None:
    insert = (
        "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state) values (now(), false, 'c', :state)"
    )
    with warehouse.engine(rotated).begin() as connection:
        for state in ("building", "audited", "published"):
            connection.execute(text(insert), {"state": state})
    retokenise(rotated)
    assert rows(rotated, "select state, reason from ops.builds order by build_id") == [
        ("failed", "abandoned: tokens were moved under it"),
        ("audited", None),
        ("published", None),
    ]


def test_the_marts_are_built_anew_after_a_move(rotated: Settings) -> None:
    before = steps.current_code(rotated)
    retokenise(rotated)
    assert steps.current_code(rotated) != before
    assert steps.current_code(rotated) == steps.current_code(rotated)


def test_a_second_rotation_before_anything_moved_is_the_new_aim(mapping: Settings) -> None:
    vault.rotate(mapping)
    move = retokenise(mapping)
    assert move is not None
    assert (move.generation, move.key_version, move.tokens) == (2, 3, 9)
    assert retokenise(mapping) is None
    deliver(mapping, "c.csv", HEADER + contact(1).replace("c1", "c3"))
    found = rows(mapping, "select count(distinct email_token) from raw.crm_contacts where contact_id in ('c1', 'c3')")
    assert found == [(1,)]


def test_a_second_rotation_while_rows_move_comes_after_it(moving: Settings) -> None:
    vault.rotate(moving)
    first, second = retokenise(moving), retokenise(moving)
    assert first is not None
    assert second is not None
    assert [(m.generation, m.key_version, m.tokens, m.rows) for m in (first, second)] == [(2, 2, 9, 3), (3, 3, 9, 3)]
    assert retokenise(moving) is None


def test_no_value_comes_to_light_on_the_way(
    moving: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every table, file, log and message is searched while tokens are on the move, and after."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    assert everything_written(moving) == []
    retokenise(moving, told.append)
    assert everything_written(moving) == []
    captured = capfd.readouterr()
    spoken = [*told, caplog.text, captured.out, captured.err]
    assert any("crm_contacts" in words for words in told)
    assert not [canary for canary in CANARIES for words in spoken if canary in words.lower()]


def everything_written(settings: Settings) -> list[str]:
    """Tables and files that hold a canary in the clear; the export itself aside."""
    engine = create_engine(warehouse.database_url(settings))
    holds = "select exists (select from {} as t where lower(t::text) like any(:canaries))"
    found = []
    with engine.connect() as connection:
        for schema in set(inspect(engine).get_schema_names()) - {"information_schema"}:
            for table in inspect(engine).get_table_names(schema=schema):
                # A ciphertext is text in hexadecimal: the canary is searched in both spellings.
                spelt = [f"%{c}%" for c in CANARIES] + [f"%{c.encode().hex()}%" for c in CANARIES]
                if connection.scalar(text(holds.format(f'"{schema}"."{table}"')), {"canaries": spelt}):
                    found.append(f"{schema}.{table}")
    engine.dispose()
    files = [path for path in settings.home.rglob("*") if path.is_file() and "landing" not in path.parts]
    return found + [str(path) for path in files if any(c.encode() in path.read_bytes().lower() for c in CANARIES)]
