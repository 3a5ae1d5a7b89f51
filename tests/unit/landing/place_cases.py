"""One export at many places: sources that name them, connections to them, and what the warehouse then holds."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import fsspec
import pytest
from sqlalchemy import create_engine, text

from support.stores import LOGIN, PASSWORD, S3, Sftp
from touchline import steps, warehouse
from touchline.landing.discover import ExportFile
from touchline.ledger import LoadOutcome
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.vault import load_keys

HEADER = "contact_id,full_name,email,phone,created_at,consent_marketing\n"
GOOD = "c{0},Anna Smith {0},anna{0}@example.com,+12125550123,2026-01-02T03:04:05Z,true\n"
BAD = "c9,Bert Jones,bert@example.com,,not a time,true\n"
FILES = {
    "in/contacts_1.csv": (HEADER + "".join(map(GOOD.format, range(200))) + BAD).encode(),
    "in/contacts_2.csv.gz": gzip.compress((HEADER + BAD + GOOD.format("名")).encode(), mtime=0),
    "in/deep/contacts_3.csv": (HEADER + GOOD.format("deep")).encode(),
}
SETTLED = 1_780_000_000
"""A time long past, for files that nobody writes to any more."""


def source_at(location: str | None, connection: str | None = None, **changes: Any) -> Source:
    files = changes.pop("files", ["in/contacts_*.csv*", "in/**/contacts_*.csv"])
    return Source.model_validate(
        {
            "source": "shop_crm",
            "kind": "crm",
            "description": "test",
            "owner": "test",
            "timezone": "Europe/Berlin",
            "location": location,
            "connection": connection,
            "exports": [{"name": "contacts", "files": files, "into": [{"entity": "contacts"}]}],
        }
        | changes
    )


def deliver_locally(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (SETTLED, SETTLED))


def connect_s3(patch: pytest.MonkeyPatch, server: S3, **changes: Any) -> None:
    extra = {"endpoint_url": server.endpoint, "region_name": "us-east-1"} | changes.pop("extra", {})
    given = {"conn_type": "aws", "login": LOGIN, "password": PASSWORD, "extra": extra} | changes
    patch.setenv("TOUCHLINE_CONNECTION_MY_S3", json.dumps(given))


def connect_sftp(patch: pytest.MonkeyPatch, server: Sftp, **changes: Any) -> None:
    given = {"conn_type": "sftp", "login": LOGIN, "password": PASSWORD, "extra": {"host_key": server.host_key}}
    patch.setenv("TOUCHLINE_CONNECTION_MY_SFTP", json.dumps(given | changes))


def deliver_to_memory(files: dict[str, bytes]) -> None:
    memory = fsspec.filesystem("memory")
    for name, content in files.items():
        memory.pipe(f"/shop/{name}", content)


def load_all(settings: Settings, source: Source) -> list[LoadOutcome]:
    return [steps.load_export(settings, file) for file in files_of(settings, source)]


def files_of(settings: Settings, source: Source) -> list[ExportFile]:
    return steps.survey(settings, source).files


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    engine = create_engine(warehouse.database_url(settings))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(sql))]
    engine.dispose()
    return found


def landed(settings: Settings) -> dict[str, Any]:
    """What landing wrote, without the times of delivery and loading; sealed values opened."""
    keys = load_keys(settings.secrets_dir)
    quarantine = rows(
        settings,
        "select file_name, record_number, byte_offset, column_name, quarantine.records.reason, payload"
        " from quarantine.records join ops.loads using (load_id) order by 1, 2",
    )
    return {
        "raw": rows(
            settings, "select (to_jsonb(t) - '_loaded_at' - '_version_at')::text from raw.crm_contacts as t order by 1"
        ),
        "vault": sorted(
            (token, kind, keys.decrypt(bytes(sealed)))
            for token, kind, sealed in rows(settings, "select token, kind, ciphertext from vault.values")
        ),
        "quarantine": [(*place, keys.decrypt(bytes(payload))) for *place, payload in quarantine],
        "loads": rows(
            settings,
            "select file_name, sha256, size_bytes, state, records, loaded, quarantined from ops.loads order by load_id",
        ),
    }
