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
    previous_snapshot: int | None
    """Records loaded from the snapshot before this one; None for other deliveries, for the first and for replays."""
    entities: tuple[str, ...]
    reason: str = ""


_PENDING = text("""
    select loads.load_id, source, export, kind, file_name, loads.records,
        coalesce(accounts.loaded, loads.loaded) as loaded, coalesce(accounts.held, 0) as held,
        (
            select accounts_before.loaded
            from ops.loads as earlier inner join ops.load_accounts as accounts_before using (load_id)
            where earlier.delivery = 'snapshot' and loads.delivery = 'snapshot' and earlier.state = 'accepted'
                and earlier.source = loads.source and earlier.export = loads.export
                and earlier.extracted_at <= loads.extracted_at and loads.replay_of is null
            order by earlier.extracted_at desc, earlier.load_id desc limit 1
        ) as previous_snapshot,
        array(
            select entity from ops.load_entities where load_entities.load_id = loads.load_id order by entity
        ) as entities
    from ops.loads left join ops.load_accounts as accounts using (load_id)
    where state = 'loaded' and (source = any(:only) or :only = '{}')
    order by loads.load_id
""")


def pending_loads(engine: Engine, only: Iterable[str] = ()) -> list[PendingLoad]:
    """Loads without a verdict, oldest first; `only` keeps those of the named sources."""
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
