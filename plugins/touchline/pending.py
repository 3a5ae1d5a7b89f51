"""Loads that wait for their verdict: with how much of each file is in and how much is held, replays counted."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True)
class PendingLoad:
    """A load that waits for its verdict, with the entities it brought."""

    load_id: int
    source: str
    export: str
    kind: str
    file_name: str
    records: int
    loaded: int
    """Records of the file that are in, those that came by replay among them."""
    held: int
    """Records of the file that are still set aside; none for a replay."""
    entities: tuple[str, ...]
    reason: str = ""


_PENDING = text("""
    select loads.load_id, source, export, kind, file_name, loads.records,
        coalesce(accounts.loaded, loads.loaded) as loaded, coalesce(accounts.held, 0) as held,
        array(
            select entity from ops.load_entities where load_entities.load_id = loads.load_id order by entity
        ) as entities
    from ops.loads left join ops.load_accounts as accounts using (load_id)
    where state = 'loaded' and (source = any(:only) or :only = '{}')
    order by extracted_at, sha256, loads.load_id
""")


def pending_loads(engine: Engine, only: Iterable[str] = ()) -> list[PendingLoad]:
    """Loads without a verdict, the first extracted first; `only` keeps those of the named sources."""
    with engine.connect() as connection:
        rows = connection.execute(_PENDING, {"only": list(only)}).mappings().all()
    return [PendingLoad(**{**row, "entities": tuple(row["entities"])}) for row in rows]


def judge_load(engine: Engine, load_id: int, state: str, reason: str | None) -> None:
    """Move a load from `loaded` to `accepted` or `rejected`."""
    with engine.begin() as connection:
        connection.execute(
            text("update ops.loads set state = :state, reason = :reason where load_id = :load_id and state = 'loaded'"),
            {"state": state, "reason": reason, "load_id": load_id},
        )
