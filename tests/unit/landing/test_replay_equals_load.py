"""Loaded, mended and replayed gives the same as loaded once with the mended mapping, for every format."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text

from support import rereading as support
from touchline import held, warehouse
from touchline.contracts import load_contracts
from touchline.held import Selection
from touchline.landing import load, replay
from touchline.landing.discover import survey
from touchline.landing.transactions import driver_connection
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.vault import load_keys
from touchline.warehouse import Role

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
MENDED = {
    "values": {"null": ["", "n/a"], "true": ["true", "si"]},
    "filter": [{"if": {"column": "created_at", "equals": "not a time"}, "reason": "never signed up"}],
}
"""Concerns only records that were set aside before: replay never touches what is loaded."""
BRIEFLY = tried(
    max_examples=15,
    deadline=None,
    # Each example takes about a second in two databases: a failing one is shown as it is.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
ROWS = st.tuples(
    st.sampled_from(["c1", "c2", "c3", ""]),
    st.sampled_from(["Anna Smith", "Ünal, Özge", 'Zoë "Z"\n2', ""]),
    st.sampled_from(["anna@example.com", "no address", ""]),
    st.sampled_from(["2026-01-02T03:04:05Z", "2026-03-02T23:04:05Z", "not a time", "n/a"]),
    st.sampled_from(["true", "", "si", "n/a", "maybe"]),
)
JUNK = st.sampled_from(
    ['c8,"open,,2026-01-02T03:04:05Z,si\n', "c9,too few\n", "\n", "\x00,,,2026-01-01,si\n", "a,b,c,d,e,f\n"]
)


@pytest.fixture(scope="module")
def two(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Settings]:
    """Two warehouses with the same keys and a landing folder each."""
    home = tmp_path_factory.mktemp("home")
    made = []
    for name in ("replayed", "at_once"):
        settings = Settings(
            home=home,
            project_dir=ROOT,
            database_url=SecretStr(make_database()),
            landing=home / name / "landing",
            sources=home / name / "sources",
        )
        settings.landing_dir.mkdir(parents=True)
        warehouse.migrate(settings)
        made.append(settings)
    return made[0], made[1]


def empty(settings: Settings) -> None:
    tables = "ops.loads, raw.crm_contacts, quarantine.records, quarantine.files, vault.values"
    with warehouse.engine(settings).begin() as connection:
        connection.execute(text(f"truncate {tables} cascade"))
    for path in settings.landing_dir.rglob("*.*"):
        path.unlink()


def load_and_replay(settings: Settings, name: str, content: bytes, mappings: list[dict[str, Any]]) -> dict[str, Any]:
    """Load a file by the first mapping, replay it by the second where there is one; what the warehouse holds then."""
    empty(settings)
    path = support.deliver(settings, name, content)
    engine, keys = warehouse.engine(settings, Role.LOADER), load_keys(settings.secrets_dir)
    sources = [Source.model_validate(mapping) for mapping in mappings]
    [file] = survey(sources[:1], settings.landing_dir).files
    assert load.load_file(engine, file, CONTRACTS, keys).state == "loaded"
    path.unlink()
    for source in sources[1:]:
        with driver_connection(engine) as connection:
            origins = held.loads(connection, Selection())
        for origin in origins:
            replay.replay_load(engine, origin, source, CONTRACTS, keys, Selection())
    engine.dispose()
    support.assert_nothing_is_lost(settings)
    return support.landed(settings)


def compare(two: tuple[Settings, Settings], name: str, content: bytes, before: dict[str, Any], after: Any) -> None:
    """Load by `before` and replay by `after` in one warehouse, load by `after` in the other."""
    replayed = load_and_replay(two[0], name, content, [before, after])
    assert replayed == load_and_replay(two[1], name, content, [after])


@pytest.mark.parametrize("kind", support.FORMATS)
@BRIEFLY
@given(rows=st.lists(ROWS, min_size=1, max_size=8))
def test_every_format(two: tuple[Settings, Settings], kind: str, rows: Sequence[Sequence[str]]) -> None:
    fmt = {"format": {"type": kind}}
    before, after = support.mended(fmt), support.mended(fmt | MENDED)
    compare(two, f"a.{kind}", support.FORMATS[kind](rows), before, after)


@BRIEFLY
@given(
    lines=st.lists(st.one_of(ROWS.map(lambda row: support.csv_bytes([row]).split(b"\n", 1)[1]), JUNK.map(str.encode))),
    has_header=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_dirty_texts(
    two: tuple[Settings, Settings], lines: list[bytes], has_header: bool, encoding: str, end: str
) -> None:
    header = ",".join(support.COLUMNS) + "\n" if has_header else ""
    content = (header + b"".join(lines).decode()).replace("\n", end).encode(encoding)
    fmt = {"format": {"encoding": encoding, "header": True if has_header else list(support.COLUMNS)}}
    compare(two, "a.csv", content, support.mended(fmt), support.mended(fmt | MENDED))


def test_another_encoding_mends_what_could_not_be_decoded(two: tuple[Settings, Settings]) -> None:
    rows = [("c1", "Anna", "", "2026-01-02T03:04:05Z", ""), ("c2", "Zoë", "", "2026-01-03T03:04:05Z", "")]
    content = support.csv_bytes(rows).decode().encode("cp1252")
    before = support.mended({})
    compare(two, "a.csv", content, before, support.mended({"format": {"encoding": "cp1252"}}))


def test_a_name_that_only_a_held_json_record_has(two: tuple[Settings, Settings]) -> None:
    content = b'{"contact_id": "c1", "created_at": "2026-01-02T03:04:05Z"}\n' + (
        '{"contact_id": "c2", "created_at": "2026-01-02T03:04:05Z", "full_name": "Zoë"}\n'.encode("cp1252")
    )
    mappings = [support.mended({"format": {"type": "jsonl"} | more}) for more in ({}, {"encoding": "cp1252"})]
    replayed = load_and_replay(two[0], "a.jsonl", content, mappings)
    at_once = load_and_replay(two[1], "a.jsonl", content, mappings[1:])
    # The hash of the first record tells that its file then had one name less.
    assert replayed["rows"][0][:-1] == at_once["rows"][0][:-1]
    assert replayed["rows"][1:] == at_once["rows"][1:]
    assert replayed["vault"] == at_once["vault"]


def test_a_declared_header_that_grew(two: tuple[Settings, Settings]) -> None:
    """A workbook's row that was wider than the declared header fits the mended one."""
    content = support.xlsx_bytes([("c1", "Anna", "", "2026-01-02T03:04:05Z", "true")])
    narrow, wide = list(support.COLUMNS[:4]), list(support.COLUMNS)
    before = support.mended({"format": {"type": "xlsx", "header": narrow}})
    compare(two, "a.xlsx", content, before, support.mended({"format": {"type": "xlsx", "header": wide}}))
