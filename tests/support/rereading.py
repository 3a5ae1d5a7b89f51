"""A small customer export whose mapping can be mended, and what a warehouse holds of it."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import yaml
from sqlalchemy import text

from touchline import steps, warehouse
from touchline.settings import Settings
from touchline.vault import load_keys

COLUMNS = ("contact_id", "full_name", "email", "created_at", "consent_marketing")
EXTRACTED = 1_772_334_000
SOURCE: dict[str, Any] = {
    "source": "shop_crm",
    "kind": "crm",
    "description": "customers of a shop",
    "brand": "shop",
    "owner": "me",
    "error_budget": 1,
    "exports": [
        {
            "name": "contacts",
            "files": ["shop_crm/*"],
            "complete_through": {"column": "created_at", "round_up": "day"},
            "into": [{"entity": "contacts"}],
        }
    ],
}


def mended(changes: Mapping[str, Any], **source: Any) -> dict[str, Any]:
    """The source with other options of its export, and of its own."""
    return SOURCE | source | {"exports": [SOURCE["exports"][0] | changes]}


def write_source(settings: Settings, source: Mapping[str, Any]) -> None:
    """Put the source where the settings look for sources, as its only one."""
    settings.sources_dir.mkdir(exist_ok=True)
    (settings.sources_dir / f"{source['source']}.yml").write_text(yaml.safe_dump(dict(source)))


def deliver(settings: Settings, name: str, content: bytes, extracted: int = EXTRACTED) -> Path:
    """A file in the landing folder, extracted at an instant."""
    path = settings.landing_dir / "shop_crm" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (extracted, extracted))
    return path


def land(settings: Settings) -> list[Any]:
    """Load everything; the outcomes."""
    return [steps.load_export(settings, file) for file in steps.find_exports(settings)]


def csv_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """Header and rows."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    return out.getvalue().encode()


def jsonl_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """One object a line."""
    return "".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows).encode()


def json_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """One array."""
    return json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=1).encode()


def xlsx_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet."""
    book = openpyxl.Workbook()
    for row in (COLUMNS, *rows):
        book.active.append([value or None for value in row])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """One row group, all texts."""
    out = io.BytesIO()
    pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.String), orient="row").write_parquet(out)
    return out.getvalue()


FORMATS = {"csv": csv_bytes, "jsonl": jsonl_bytes, "json": json_bytes, "xlsx": xlsx_bytes, "parquet": parquet_bytes}


def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Rows of one statement, run by the owner."""
    with warehouse.engine(settings).connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def landed(settings: Settings) -> dict[str, Any]:
    """All that builds can see of the loads in use, and who is in the vault: what a replay must not make different."""
    keys = load_keys(settings.secrets_dir)
    columns = "contact_id, full_name_token, email_token, created_at, consent_marketing, is_deleted, source_updated_at"
    own = "_source, _record_number, _version_at, _payload_hash"
    return {
        "rows": query(
            settings,
            f"select {columns}, {own} from raw.crm_contacts inner join ops.loads on _load_id = load_id"
            " where state <> 'superseded' order by _record_number",
        ),
        "through": query(settings, "select max(complete_through) from ops.loads where state <> 'superseded'"),
        "vault": sorted(
            (str(token), keys.decrypt(bytes(sealed)).decode())
            for token, sealed in query(settings, "select token, ciphertext from vault.values")
        ),
        "held": query(
            settings,
            "select record_number, column_name, records.reason from quarantine.records inner join ops.loads"
            " using (load_id) where replayed_at is null and state <> 'superseded' order by 1",
        ),
        "account": query(settings, "select records, loaded, filtered, held from ops.load_accounts"),
    }


def assert_nothing_is_lost(settings: Settings) -> None:
    """P1 of every load in use: records = loaded + filtered + held, counted in the ledger and in the tables."""
    for load_id, records, loaded, filtered, held in query(
        settings, "select load_id, records, loaded, filtered, held from ops.load_accounts"
    ):
        assert records == loaded + filtered + held
        mine = f"load_id = {load_id} and"
        assert query(settings, f"select count(*) from quarantine.records where {mine} replayed_at is null") == [(held,)]
        rows = f"""
            select count(*) from raw.crm_contacts inner join ops.loads on _load_id = load_id
            where state <> 'superseded' and coalesce(replay_of, load_id) = {load_id}
        """
        assert query(settings, rows) == [(loaded,)]
        replayed = f"""
            select replayed_by, replayed_as, count(*) from quarantine.records
            where {mine} replayed_at is not null group by 1, 2 order by 1, 2
        """
        told = f"""
            select load_id, outcome, count from ops.loads
            cross join lateral (values ('filtered', filtered), ('loaded', loaded)) as counts (outcome, count)
            where replay_of = {load_id} and state <> 'superseded' and count > 0 order by 1, 2
        """
        assert query(settings, replayed) == query(settings, told)
