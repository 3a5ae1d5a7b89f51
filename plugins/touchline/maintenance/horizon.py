"""What can no longer be built, because the rows it needs were removed from schema `raw`."""

from datetime import datetime

from sqlalchemy import Engine, text

from touchline import builds
from touchline.errors import TouchlineError

_NEEDED = text("""
    select table_name, min(needed_from) as needed_from, max(needed_before) as needed_before
    from ops.compactions where needed_from <= :as_of and needed_before > :as_of
    group by table_name order by table_name
""")
_WITHOUT_ROWS = text(f"""
    select load_id, file_name from ({builds.USABLE}) as usable inner join ops.loads using (load_id)
    where compacted_at is not null order by load_id
""")


def require_rows(engine: Engine, as_of: datetime | None) -> None:
    """Raise TouchlineError if a build (as of an instant) would need rows that were removed."""
    with engine.connect() as connection:
        needed = connection.execute(_NEEDED, {"as_of": as_of}).all() if as_of else []
        empty = connection.execute(_WITHOUT_ROWS).first()
    if needed:
        tables = ", ".join(f"raw.{row.table_name}" for row in needed)
        raise TouchlineError(
            f"A build as of {as_of:%F %T} UTC needs older versions of rows that were compacted",
            where=f"{tables}; from {max(row.needed_before for row in needed):%F %T} UTC on every instant can be built",
            todo="choose a later instant, or restore a back-up from before the compaction",
        )
    if empty:
        raise TouchlineError(
            f"The newest usable snapshot, {empty.file_name}, was compacted: later ones are no longer accepted",
            where=f"ops.loads, load {empty.load_id}",
            todo="accept a later snapshot (`touchline loads list`), or deliver a new one",
        )
