"""`touchline upgrade` takes a warehouse as the release before left it, with data in it, to this release."""

import os
from importlib import resources
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from support.loading import HEADER, contact, deliver, execute, rows
from touchline import custody, queries, raw_schema, steps, vault, warehouse
from touchline.contracts import load_contracts
from touchline.landing.spool import sha256
from touchline.settings import Settings

ROOT = Path(__file__).parents[2]
BEFORE = ("0001_foundation.sql", "0002_overrides.sql", "0003_snapshots.sql")
SET_ASIDE = b"c8,Person,,,no-time\n"


def sealed_before(settings: Settings, plain: bytes) -> bytes:
    """As the release before sealed: nonce, ciphertext and tag, without a version of the key."""
    nonce = os.urandom(12)
    return nonce + AESGCM(vault.load_keys(settings.secrets_dir).cipher_keys[1]).encrypt(nonce, plain, None)


@pytest.fixture
def older(postgres_url: str, tmp_path: Path) -> Settings:
    """A warehouse at the schema of the release before: one accepted load, a record set aside, a published build."""
    made = Settings(home=tmp_path / "home", project_dir=ROOT, database_url=SecretStr(postgres_url))
    made.landing_dir.mkdir(parents=True)
    owner = create_engine(postgres_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("create schema ops")
        connection.exec_driver_sql("create table ops.migrations (name text primary key, applied_at timestamptz)")
        for name in BEFORE:
            script = (resources.files("touchline") / "migrations" / name).read_text(encoding="utf-8")
            connection.exec_driver_sql(script.replace("%", "%%"))
            connection.execute(text("insert into ops.migrations values (:name, now())"), {"name": name})
        crm = load_contracts(made.contracts_dir)["crm", "contacts"]
        connection.exec_driver_sql(raw_schema.create_table(crm))
    owner.dispose()
    path = made.landing_dir / "a.csv"
    path.write_bytes((HEADER + contact(1)).encode() + SET_ASIDE)
    token = "00000000-0000-4000-8000-000000000001"
    execute(
        made,
        f"""
        insert into ops.loads (source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
            mapping_fingerprint, state, records, loaded, quarantined, filtered, started_at)
        values ('shop_crm', 'contacts', 'crm', 'default', 'a.csv', '{sha256(path)}', {path.stat().st_size},
            to_timestamp({path.stat().st_mtime}), 'm', 'accepted', 2, 1, 1, 0, now());
        insert into ops.load_entities values (1, 'contacts', 1);
        insert into ops.load_reasons values (1, 'quarantined', 'created_at', 'not a time', 1);
        insert into raw.crm_contacts
            (contact_id, email_token, is_deleted, _source, _load_id, _record_number, _version_at, _payload_hash)
        values ('c1', '{token}', false, 'shop_crm', 1, 1, now(), gen_random_uuid());
        insert into vault.values (token, kind, ciphertext, key_version, normaliser_version)
        values ('{token}', 'email', '\\x{sealed_before(made, b"p1@example.com").hex()}', 1, 1);
        insert into quarantine.records
        values (1, 2, 87, 'contacts', 'created_at', 'not a time', '\\x{sealed_before(made, SET_ASIDE).hex()}');
        insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state) values (now(), false, 'c', 'published');
        insert into ops.build_loads values (1, 1);
        insert into identity.members values (1, 'default', 'email/{token}', 'c0123', 1);
        """,
    )
    return made


def test_what_was_there_is_there_and_readable(older: Settings) -> None:
    applied = warehouse.migrate(older)
    assert {name for name in applied if name[:4].isdigit()} == {
        item.name for item in (resources.files("touchline") / "migrations").iterdir() if item.name.endswith(".sql")
    } - set(BEFORE)
    assert warehouse.migrate(older) == [], "a second upgrade has nothing to do"
    assert rows(older, "select contact_id, _load_id from raw.crm_contacts") == [("c1", 1)]
    assert queries.quarantined_record(older, 1, 2) == SET_ASIDE
    [(sealed,)] = rows(older, "select ciphertext from vault.values")
    keys = custody.held_keys(older, warehouse.engine(older))
    assert keys.decrypt(bytes(sealed)) == b"p1@example.com"
    # One record is in, one is held: 2 = 1 + 0 + 1.
    assert rows(older, "select records, loaded, filtered, held from ops.load_accounts") == [(2, 1, 0, 1)]


def test_work_goes_on_where_it_was(older: Settings) -> None:
    warehouse.migrate(older)
    assert steps.check_keys(older) is None, "the tokens are of today's key and normaliser"
    known = deliver(older, "renamed.csv", (older.landing_dir / "a.csv").read_text())
    assert (known.is_new, known.load_id) == (False, 1), "the same bytes are a no-op still"
    new = deliver(older, "b.csv", HEADER + contact(2))
    assert (new.is_new, new.loaded) == (True, 1)
    assert rows(older, "select count(*) from raw.crm_contacts") == [(2,)]
    assert rows(older, "select build_id, state, is_full_refresh from ops.builds") == [(1, "published", False)]
