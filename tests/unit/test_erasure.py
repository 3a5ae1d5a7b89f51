"""Erasure: a person's values are destroyed, their rows name nobody, and no delivery brings them back."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from support import rereading as rereading_support
from support.loading import CONTACTS, HEADER, contact, deliver, execute, rows
from touchline import custody, erasure, publish, queries, tombstones, vault, warehouse
from touchline.cli.app import app
from touchline.contracts import load_contracts
from touchline.erasure import Erased, Identifier, read_identifiers
from touchline.errors import TouchlineError
from touchline.held import Selection
from touchline.locks import Lock
from touchline.rereading import replay_held
from touchline.retokenise import retokenise
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
POS: dict[str, Any] = {
    "source": "shop_pos",
    "kind": "pos",
    "description": "test",
    "owner": "test",
    "timezone": "UTC",
    "currency": "USD",
    "phone_region": "US",
    "exports": [{"name": "sales", "files": ["*.txt"], "into": [{"entity": "transactions"}]}],
}
SALES = "transaction_id,location_id,customer_ref,loyalty_id,email,channel,closed_at,status,total,currency\n"
FIRST = Identifier("email", "p1@example.com")


def sale(number: int, ref: str = "", loyalty: str = "", email: str = "", total: str = "5.00") -> str:
    return f"t{number},l,{ref},{loyalty},{email},store,2026-01-02T00:00:00Z,completed,{total},USD\n"


def erase(settings: Settings, *identifiers: Identifier, is_dry_run: bool = False) -> Erased:
    return erasure.erase(settings, identifiers, asked_by="clerk", reason="ticket 7", is_dry_run=is_dry_run)


def opened(settings: Settings) -> set[str]:
    """Every value that the vault and the quarantine give away."""
    keys = vault.load_keys(settings.secrets_dir)
    sealed = rows(settings, "select ciphertext from vault.values union all select payload from quarantine.records")
    return {keys.decrypt(bytes(value)).decode() for (value,) in sealed}


def contacts(settings: Settings) -> list[tuple[Any, ...]]:
    return rows(
        settings,
        "select contact_id, email_token is null, phone_token is null, full_name_token is null, is_deleted"
        " from raw.crm_contacts order by _load_id, _record_number",
    )


def test_a_person_goes_and_the_others_stay(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2) + "c8,Person1,,,no-time\n" + "c9,Other,,,no-time\n")
    deliver(settings, "sales.txt", SALES + sale(1, email="p1@example.com") + sale(2, email="p2@example.com"), POS)
    told = erase(settings, FIRST, is_dry_run=True)
    assert not told.is_done
    assert not contacts(settings)[0][1]
    done = erase(settings, FIRST)
    assert (told.rows, told.vault_values, told.held_records) == (done.rows, done.vault_values, done.held_records)

    # One contact and one sale; the name, address and number; the record that bears the name.
    assert done.is_done
    assert done.rows == {"crm_contacts": 1, "pos_transactions": 1}
    assert (done.vault_values, done.held_records) == (3, 1)
    assert done.files == ["shop_crm: a.csv", "shop_pos: sales.txt"]
    gone, stays = contacts(settings)
    assert gone[0].startswith(tombstones.ERASED)
    assert gone[1:] == (True, True, True, True)
    assert stays == ("c2", False, False, False, False)
    sales = "select transaction_id, email_token is null, total, is_deleted from raw.pos_transactions order by 1"
    assert [tuple(map(str, row)) for row in rows(settings, sales)] == [
        ("t1", "True", "5.00", "False"),
        ("t2", "False", "5.00", "False"),
    ]
    assert opened(settings) == {"Person2", "p2@example.com", "+12125550002", "", "c9,Other,,,no-time\n"}
    assert queries.quarantined_record(settings, 1, 3) == b""
    [entry] = rows(settings, "select asked_by, reason, identifiers, customers, vault_values from ops.erasures")
    assert entry == ("clerk", "ticket 7", ["email"], 0, 3)


def test_asked_again_nothing_is_left_to_do(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    erase(settings, FIRST)
    assert not erase(settings, FIRST).is_new
    assert rows(settings, "select count(*) from ops.erasures") == [(1,)]
    assert len(list(settings.erasures_dir.iterdir())) == 1


@pytest.mark.parametrize("is_rotated", [False, True])
def test_a_later_delivery_does_not_bring_the_person_back(settings: Settings, is_rotated: bool) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2))
    deliver(settings, "first.txt", SALES + sale(1, email="P1@example.com"), POS)
    erase(settings, FIRST)
    if is_rotated:
        vault.rotate(settings)
        assert retokenise(settings) is not None
    outcome = deliver(settings, "b.csv", HEADER + contact(1) + contact(3))
    deliver(settings, "second.txt", SALES + sale(2, email="p1@example.com") + sale(3, email="p2@example.com"), POS)
    # The ledger counts the record as loaded, and says why it names nobody.
    assert (outcome.records, outcome.loaded) == (2, 2)
    assert ("nulled", "", "the person was erased", 1) in outcome.reasons
    assert [row[1:] for row in contacts(settings)[2:]] == [(True, True, True, True), (False, False, False, False)]
    assert rows(settings, "select transaction_id from raw.pos_transactions where email_token is null order by 1") == [
        ("t1",),
        ("t2",),
    ]
    assert not {"Person1", "p1@example.com", "+12125550001"} & opened(settings)


def test_a_replay_does_not_bring_the_person_back(settings: Settings, tmp_path: Path) -> None:
    """A record of the account that shows no identifier is held on; when its mapping is mended, it names nobody."""
    shop = settings.model_copy(update={"sources": tmp_path / "sources"})
    rereading_support.write_source(shop, rereading_support.SOURCE)
    good = ("c1", "Anna Smith", "p1@example.com", "2026-01-02T03:04:05Z", "true")
    held = ("c1", "", "", "2026-01-05T03:04:05Z", "si")
    rereading_support.deliver(shop, "a.csv", rereading_support.csv_bytes((good, held)))
    rereading_support.land(shop)
    assert erase(shop, FIRST).held_records == 0
    rereading_support.write_source(shop, rereading_support.mended({"values": {"true": ["true", "si"]}}))
    [outcome] = replay_held(shop, Selection())
    assert (outcome.problem, outcome.loaded) == ("", 1)
    assert [(row[0].startswith(tombstones.ERASED), row[-1]) for row in contacts(shop)] == [(True, True)] * 2


def test_what_others_share_stays_theirs(settings: Settings) -> None:
    """A name two people bear stays in the vault; of a number two people show only the column goes where it is asked."""
    twin = "c2,Person1,p2@example.com,+12125550001,2026-01-02T00:00:00Z\n"
    deliver(settings, "a.csv", HEADER + contact(1) + twin)
    erase(settings, FIRST)
    assert "Person1" in opened(settings)
    assert contacts(settings)[1] == ("c2", False, False, False, False)
    done = erase(settings, Identifier("phone", "+12125550001"))
    assert done.rows == {"crm_contacts": 1}
    assert contacts(settings)[1] == ("c2", False, True, False, False)


def test_free_text_that_names_the_person_goes(settings: Settings) -> None:
    surveys = {**CONTACTS, "source": "panel", "exports": [{"name": "s", "files": ["*.dat"], "into": [
        {"entity": "survey_responses"}]}]}  # fmt: skip
    head = "response_id,survey_type,survey_version,contact_id,scale_min,scale_max,higher_is_better,comment\n"
    line = "{},nps,1,{},0,10,true,{}\n"
    deliver(settings, "a.csv", HEADER + contact(1))
    told = [line.format("r1", "x9", "write to P1@Example.com."), line.format("r2", "x9", "call (212) 555-0001 now")]
    deliver(settings, "s.dat", head + "".join(told) + line.format("r3", "x9", "call 212 555 0002"), surveys)
    assert erase(settings, FIRST, Identifier("phone", "+12125550001")).vault_values == 3 + 2
    assert opened(settings) == {"call 212 555 0002"}


def test_a_loyalty_id_is_its_brands(settings: Settings) -> None:
    other = {**POS, "source": "other_pos", "brand": "other", "exports": [{**POS["exports"][0], "files": ["*.tsv"]}]}
    deliver(settings, "a.txt", SALES + sale(1, "r1", "L77", "p1@example.com"), POS)
    deliver(settings, "b.tsv", SALES + sale(1, "r1", "L77", "p2@example.com"), other)
    with pytest.raises(TouchlineError, match="several") as caught:
        erase(settings, Identifier("loyalty", "L77"))
    assert "L77" not in str(caught.value)
    erasure.erase(settings, [Identifier("loyalty", "L77")], asked_by="x", reason="y", brand="default")
    found = rows(settings, "select _source, customer_ref, loyalty_id, email_token is null from raw.pos_transactions")
    assert sorted(found, key=str) == [("other_pos", "r1", "L77", False), ("shop_pos", None, None, True)]


def test_a_restored_database_is_refused_until_it_has_forgotten_again(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2))
    execute(settings, "create schema dump")
    for table in ("raw.crm_contacts", "vault.values"):
        execute(settings, f"create table dump.{table.partition('.')[2]} as select * from {table}")
    erase(settings, FIRST)
    for table in ("raw.crm_contacts", "vault.values"):
        execute(settings, f"delete from {table}; insert into {table} select * from dump.{table.partition('.')[2]}")
    execute(settings, "drop schema dump cascade; delete from ops.erasures; delete from vault.tombstones")
    with pytest.raises(TouchlineError, match="not in this database"):
        erasure.require_applied(settings, warehouse.engine(settings))
    [done] = erasure.erase_again(settings)
    assert (done.is_done, done.rows, done.vault_values) == (True, {"crm_contacts": 1}, 3)
    assert opened(settings) == {"Person2", "p2@example.com", "+12125550002"}
    erasure.require_applied(settings, warehouse.engine(settings))
    assert erasure.erase_again(settings) == []


@pytest.mark.parametrize(("lock", "message"), [(Lock.TOKENS, "being loaded"), (Lock.BUILD, "build is under way")])
def test_loads_and_builds_are_not_disturbed(settings: Settings, lock: int, message: str) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    with warehouse.engine(settings).connect() as other:
        # As every transaction that writes tokens does, and as a build.
        shared = "_shared" if lock == Lock.TOKENS else ""
        other.execute(text(f"select pg_advisory_lock{shared}(:lock)"), {"lock": lock})
        with pytest.raises(TouchlineError, match=message):
            erase(settings, FIRST)
    assert not contacts(settings)[0][1]


def test_no_message_shows_an_identifier(settings: Settings, tmp_path: Path) -> None:
    asked = tmp_path / "asked.txt"
    asked.write_text("# tickets 7 and 8\n\np1@example.com\nphone 0176-secret\n")
    with pytest.raises(TouchlineError) as caught:
        read_identifiers(asked.read_text().splitlines(), "asked.txt")
    assert (str(caught.value.where), "secret" in str(caught.value)) == ("asked.txt, line 4", False)
    assert "p1" not in repr(FIRST)
    assert read_identifiers(["P1@Example.com", "loyalty L7", "+1 212 555 0001"], "x") == [
        FIRST,
        Identifier("loyalty", "L7"),
        Identifier("phone", "+12125550001"),
    ]


def test_the_command_takes_names_from_stdin_and_does_nothing_unless_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    assert settings.database_url
    monkeypatch.setattr("touchline.cli.erasing.settings_for", lambda _database: settings)
    told = CliRunner().invoke(app, ["erase", "--reason", "ticket 7"], input="p1@example.com\n")
    assert (told.exit_code, "would be erased" in told.output) == (0, True), told.output
    assert not contacts(settings)[0][1]
    done = CliRunner().invoke(app, ["erase", "--reason", "ticket 7", "--yes"], input="p1@example.com\n")
    assert (done.exit_code, "p1@" in done.output) == (0, False)
    assert contacts(settings)[0][1]


def test_every_column_that_names_a_person_is_severed() -> None:
    """A contract's column is known to name persons, or here to name none."""
    none = {
        ("call_center", name) for name in ("contact_id", "initial_contact_id", "previous_contact_id", "next_contact_id")
    }
    for contract in load_contracts(ROOT / "expectations" / "contracts").values():
        known = {item.column for item in tombstones.REFERENCES[contract.kind]}
        for column in contract.columns:
            names = column.name.endswith(("contact_id", "customer_ref", "loyalty_id", "surviving_id", "merged_id"))
            assert not names or column.name in known or (contract.kind, column.name) in none, column.name


def test_what_is_left_of_a_row_does_not_tell_by_its_digest(settings: Settings) -> None:
    """Nobody who guesses an address can find its row by the row's digest: two rows alike but for it end alike."""
    deliver(settings, "a.txt", SALES + sale(1, email="p1@example.com"), POS)
    deliver(settings, "b.txt", SALES + sale(1, email="p2@example.com"), POS)
    erase(settings, FIRST, Identifier("email", "p2@example.com"))
    assert rows(settings, "select count(*), count(distinct _payload_hash) from raw.pos_transactions") == [(2, 1)]


def test_tombstones_are_of_every_key_at_hand(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    vault.rotate(settings)
    erase(settings, FIRST)
    for version, name in ((1, "token_key"), (2, "token_key_2")):
        key = bytes.fromhex((settings.secrets_dir / name).read_text())
        digest = hmac.new(key, b"email\x1fp1@example.com", hashlib.sha256).hexdigest()[:32]
        found = rows(settings, f"select replace(value, '-', '') from vault.tombstones where key_version = {version}")
        assert (digest,) in found


def test_somebody_nobody_knows_costs_no_build_and_no_way_back(settings: Settings) -> None:
    """A tombstone is set, and nothing is made anew for it: no row changed."""
    deliver(settings, "a.csv", HEADER + contact(2))
    with warehouse.engine(settings).connect() as connection:
        before = custody.shape_of_rows(connection)
        assert erase(settings, FIRST).rows == {}
        assert custody.shape_of_rows(connection) == before
    execute(settings, "create schema marts_previous authorization touchline_publisher")
    execute(settings, "comment on schema marts_previous is 'build 1'; update ops.erasures set frozen_before = 1")
    columns = "as_of, is_as_of_given, code_fingerprint, state"
    execute(settings, f"insert into ops.builds ({columns}) values (now(), false, 'c', 'published')")
    assert publish.rollback(warehouse.engine(settings)).build_id == 1
