"""What became of each file when it was seen last: unless its stamp changes, it is neither fetched nor read again."""

from sqlalchemy import Engine, text

from touchline.ledger import LATEST_MAPPING, DeliveredFile, LoadOutcome
from touchline.stamps import Stamp

_FIND = text(f"""
    select deliveries.size_bytes, deliveries.modified_at, deliveries.etag, {LATEST_MAPPING},
        loads.load_id, loads.source, loads.export, loads.file_name, loads.state, loads.records, loads.loaded,
        loads.quarantined, loads.filtered, loads.reason
    from ops.deliveries inner join ops.loads using (load_id)
    where deliveries.source = :source and deliveries.export = :export and deliveries.file_name = :file_name
        and loads.state <> 'superseded'
""")

_RECORD = text("""
    insert into ops.deliveries (source, export, file_name, size_bytes, modified_at, etag, load_id)
    values (:source, :export, :file_name, :size_bytes, :modified_at, :etag, :load_id)
    on conflict (source, export, file_name) do update set size_bytes = excluded.size_bytes,
        modified_at = excluded.modified_at, etag = excluded.etag, load_id = excluded.load_id
""")


def find(engine: Engine, file: DeliveredFile, stamp: Stamp) -> LoadOutcome | None:
    """The load of this file if it has not changed since; a refused one is known only to the mapping that refused it."""
    with engine.connect() as connection:
        row = connection.execute(_FIND, _key(file)).mappings().first()
    if row is None:
        return None
    seen = dict(row)
    before = Stamp(seen.pop("size_bytes"), seen.pop("modified_at"), seen.pop("etag"))
    if not stamp.is_same(before) or (
        seen["state"] == "refused" and seen["mapping_fingerprint"] != file.source.fingerprint(file.export)
    ):
        return None
    return LoadOutcome(**seen, is_new=False)


def record(engine: Engine, file: DeliveredFile, stamp: Stamp, load_id: int) -> None:
    """Remember which load holds this file's bytes."""
    seen = {"size_bytes": stamp.size, "modified_at": stamp.modified_at, "etag": stamp.etag, "load_id": load_id}
    with engine.begin() as connection:
        connection.execute(_RECORD, _key(file) | seen)


def _key(file: DeliveredFile) -> dict[str, str]:
    return {"source": file.source.source, "export": file.export.name, "file_name": file.name}
