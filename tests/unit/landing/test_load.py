"""Loading into a real Postgres: conservation, atomicity, no-ops, quarantine, vault."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from touchline import warehouse
from touchline.contracts import load_contracts
from touchline.landing.discover import ExportFile, survey
from touchline.landing.load import load_file
from touchline.ledger import LoadOutcome
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.vault import load_keys
from touchline.warehouse import Role

CONTACTS = {
    "source": "shop_crm",
    "kind": "crm",
    "description": "test",
    "owner": "test",
    "timezone": "Europe/Berlin",
    "phone_region": "US",
    "exports": [
        {
            "name": "contacts",
            "files": ["*.csv*"],
            "filter": [{"if": {"column": "contact_id", "equals": "TEST"}, "reason": "test contact"}],
            "complete_through": {"column": "created_at", "round_up": "day"},
            "into": [{"entity": "contacts"}],
        }
    ],
}
HEADER = "contact_id,full_name,email,phone,created_at,consent_marketing\n"
GOOD = "c1,Anna Smith,Anna@Example.com,212-555-0123,2026-01-02T03:04:05Z,true\n"
BAD = "c2,Bert Jones,bert@example.com,,not a time,true\n"


def deliver(settings: Settings, name: str, content: str | bytes, source: dict[str, Any] = CONTACTS) -> LoadOutcome:
    path = settings.landing_dir / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = next(f for f in survey([Source.model_validate(source)], settings.landing_dir).files if f.path == path)
    return load(settings, file)


def load(settings: Settings, file: ExportFile) -> LoadOutcome:
    engine = warehouse.engine(settings, Role.LOADER)
    return load_file(engine, file, load_contracts(settings.contracts_dir), load_keys(settings.secrets_dir))


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with create_engine(warehouse.database_url(settings)).connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_every_record_is_loaded_set_aside_or_filtered(settings: Settings) -> None:
    filtered = "TEST,x,,,2026-01-01T00:00:00Z,\n"
    outcome = deliver(settings, "a.csv", HEADER + GOOD + BAD + filtered + "\n")
    assert (outcome.records, outcome.loaded, outcome.quarantined, outcome.filtered) == (4, 1, 1, 2)
    assert outcome.reasons == (
        ("filtered", "", "blank line", 1),
        ("filtered", "", "test contact", 1),
        ("quarantined", "created_at", "not a timestamp (ISO 8601)", 1),
    )
    assert rows(settings, "select records, loaded, quarantined, filtered, state from ops.loads") == [
        (4, 1, 1, 2, "loaded")
    ]


def test_typed_row_with_tokens_and_loader_columns(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + GOOD)
    [row] = rows(
        settings,
        "select contact_id, created_at, consent_marketing, is_deleted, _source, _record_number, email_token is not null"
        " from raw.crm_contacts",
    )
    assert row == ("c1", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), True, False, "shop_crm", 1, True)


def test_personal_data_is_in_the_vault_only_and_sealed(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + GOOD + BAD)
    keys = load_keys(settings.secrets_dir)
    sealed = [bytes(value) for (value,) in rows(settings, "select ciphertext from vault.values")]
    assert {keys.decrypt(value).decode() for value in sealed} == {"Anna Smith", "anna@example.com", "+12125550123"}
    for table in ("raw.crm_contacts", "quarantine.records", "ops.loads", "ops.load_reasons", "vault.values"):
        dump = str(rows(settings, f"select t::text from {table} as t")).lower()
        assert not [name for name in ("anna", "bert", "5550123") if name in dump], table


def test_quarantined_record_is_kept_byte_for_byte_with_its_position(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + GOOD + BAD)
    [(number, offset, column, payload)] = rows(
        settings, "select record_number, byte_offset, column_name, payload from quarantine.records"
    )
    assert (number, offset, column) == (2, len(HEADER + GOOD), "created_at")
    assert load_keys(settings.secrets_dir).decrypt(bytes(payload)) == BAD.encode()


def test_bad_optional_personal_data_becomes_null_and_is_counted(settings: Settings) -> None:
    outcome = deliver(settings, "a.csv", HEADER + "c3,,no-address,12,2026-01-02T03:04:05Z,\n")
    assert outcome.loaded == 1
    assert outcome.reasons == (
        ("nulled", "email", "not an e-mail address", 1),
        ("nulled", "phone", "not a phone number in use", 1),
    )
    assert rows(settings, "select email_token, phone_token from raw.crm_contacts") == [(None, None)]


def test_an_empty_value_takes_the_contract_s_default(settings: Settings) -> None:
    header = HEADER.replace("\n", ",is_deleted\n")
    outcome = deliver(
        settings, "a.csv", header + GOOD.replace("\n", ",\n") + GOOD.replace("c1", "c2").replace("\n", ",true\n")
    )
    assert outcome.loaded == 2
    assert rows(settings, "select is_deleted from raw.crm_contacts order by contact_id") == [(False,), (True,)]


def test_same_bytes_again_are_a_no_op_whatever_the_file_is_called(settings: Settings) -> None:
    first = deliver(settings, "a.csv", HEADER + GOOD)
    again, renamed = deliver(settings, "a.csv", HEADER + GOOD), deliver(settings, "b.csv", HEADER + GOOD)
    assert [first.is_new, again.is_new, renamed.is_new] == [True, False, False]
    assert first.load_id == again.load_id == renamed.load_id
    assert rows(settings, "select count(*) from raw.crm_contacts") == [(1,)]


def test_same_name_with_new_bytes_is_a_new_load(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + GOOD)
    assert deliver(settings, "a.csv", HEADER + GOOD + GOOD.replace("c1", "c9")).is_new
    assert rows(settings, "select sequence_number from ops.loads order by load_id") == [(1,), (2,)]


def test_damaged_archive_is_refused_and_leaves_no_row(settings: Settings) -> None:
    import gzip

    lines = "".join(GOOD.replace("c1", f"c{n}") for n in range(30_000))
    cut = gzip.compress((HEADER + lines).encode())[:-20]
    outcome = deliver(settings, "a.csv.gz", cut)
    assert (outcome.state, outcome.records) == ("refused", 0)
    assert "archive is damaged" in (outcome.reason or "")
    for table in ("raw.crm_contacts", "vault.values", "ops.load_entities"):
        assert rows(settings, f"select count(*) from {table}") == [(0,)]


def test_lines_that_end_with_a_carriage_return_alone(settings: Settings) -> None:
    outcome = deliver(settings, "a.csv", (HEADER + GOOD + BAD).replace("\n", "\r"))
    assert (outcome.records, outcome.loaded, outcome.quarantined) == (2, 1, 1)


def test_missing_column_is_refused_by_name(settings: Settings) -> None:
    outcome = deliver(settings, "a.csv", "contact_id,email\nc1,a@example.org\n")
    assert outcome.state == "refused"
    assert "The header lacks created_at" in (outcome.reason or "")


def test_a_refused_file_is_read_again_once_it_is_whole(settings: Settings) -> None:
    assert deliver(settings, "a.csv", "").state == "refused"
    assert deliver(settings, "a.csv", HEADER + GOOD).state == "loaded"


def test_completeness_is_the_end_of_the_local_day_of_the_newest_record(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + GOOD)
    # 2 January 04:04 in Berlin: complete through midnight there, which is 23:00 UTC.
    assert rows(settings, "select complete_through from ops.loads") == [(datetime(2026, 1, 2, 23, tzinfo=UTC),)]


def test_hostile_names_and_values_are_data(settings: Settings) -> None:
    evil = '"; drop table ops.loads; -- {{ 7*7 }}\t\\.\n=cmd()'
    quoted = '"' + evil.replace('"', '""') + '"'
    outcome = deliver(settings, "x'; drop schema raw; --.csv", HEADER + f"{quoted},,,,2026-01-02T03:04:05Z,\n")
    assert outcome.loaded == 1
    assert rows(settings, "select contact_id from raw.crm_contacts") == [(evil,)]


@pytest.mark.parametrize("column", ["status", "currency"])
def test_one_record_into_two_entities_is_set_aside_whole(settings: Settings, column: str) -> None:
    source = {
        "source": "till",
        "kind": "pos",
        "description": "t",
        "owner": "t",
        "exports": [
            {
                "name": "lines",
                "files": ["*.csv"],
                "into": [
                    {
                        "entity": "transaction_lines",
                        "map": {
                            "transaction_id": "id",
                            "line_no": {"const": 1},
                            "product_id": "p",
                            "quantity": {"const": 1},
                            "net_amount": "amount",
                        },
                    },
                    {
                        "entity": "transactions",
                        "map": {
                            "transaction_id": "id",
                            "location_id": {"const": "x"},
                            "channel": {"const": "store"},
                            "closed_at": {"const": "2026-01-01"},
                            "status": "status",
                            "currency": "currency",
                        },
                    },
                ],
            }
        ],
    }
    values = {"status": "completed", "currency": "USD"}
    good, bad = values, values | {column: "nonsense"}
    body = "".join(f"{n},p,1.00,{v['status']},{v['currency']}\n" for n, v in enumerate((good, bad)))
    outcome = deliver(settings, "a.csv", "id,p,amount,status,currency\n" + body, source)
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    assert rows(
        settings, "select (select count(*) from raw.pos_transactions), (select count(*) from raw.pos_transaction_lines)"
    ) == [(1, 1)]


def test_ten_thousand_records_in_several_batches_keep_their_numbers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchline.landing.load.BATCH_RECORDS", 999)
    deliver(settings, "a.csv", HEADER + "".join(f"c{n},,,,2026-01-02T03:04:05Z,\n" for n in range(1, 10_001)))
    assert rows(
        settings, "select count(*), count(*) filter (where contact_id = 'c' || _record_number) from raw.crm_contacts"
    ) == [(10_000, 10_000)]


def test_nothing_is_read_before_its_name_is_visible(tmp_path: Path) -> None:
    (tmp_path / ".a.csv").write_text(HEADER)
    (tmp_path / "folder.csv").mkdir()
    assert survey([Source.model_validate(CONTACTS)], tmp_path).files == []
