"""Is a load like those before it? What the ledger alone can tell: shrunken, swollen, poorer in columns.

"Before" goes by the time of extraction, ties by content, so that the order of arrival does not decide. A replay
completes the load it belongs to: it is neither judged by this measure nor one itself.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, text

from touchline.mapping import Export
from touchline.pending import PendingLoad

FEWEST_LOADS = 3
FEWEST_RECORDS = 1000
"""Smaller loads may grow as they like: from 8 records to 90 is a good day, not a fault."""

_EARLIER = """
    from ops.loads
    inner join ops.usable_loads as earlier
        on earlier.source = loads.source and earlier.export = loads.export
        and (earlier.extracted_at, earlier.sha256) < (loads.extracted_at, loads.sha256)
        and earlier.replay_of is null
    inner join ops.load_accounts as accounts on accounts.load_id = earlier.load_id
    where loads.load_id = :load_id and loads.replay_of is null
"""

_SNAPSHOT = text(f"""
    select accounts.loaded {_EARLIER} and loads.delivery = 'snapshot' and earlier.delivery = 'snapshot'
    order by earlier.extracted_at desc, earlier.sha256 desc limit 1
""")

_USUAL = text(f"""
    select count(*) as loads, percentile_disc(0.5) within group (order by loaded) as usual
    from (
        select accounts.loaded {_EARLIER} and accounts.loaded > 0
        order by earlier.extracted_at desc, earlier.sha256 desc limit 20
    ) as latest
""")

# A mapping that was changed lacks columns on purpose.
_LOST = text("""
    select earlier.load_id, array(
        select unnest(had.columns) except select unnest(has.columns) order by 1
    ) as columns
    from ops.loads
    inner join ops.load_entities as has using (load_id)
    inner join ops.yardsticks on yardsticks.load_id = loads.load_id and yardsticks.entity = has.entity
    inner join ops.loads as earlier on earlier.load_id = yardsticks.earlier_load_id
    inner join ops.load_entities as had on had.load_id = earlier.load_id and had.entity = has.entity
    where loads.load_id = :load_id and loads.replay_of is null
        and earlier.mapping_fingerprint = loads.mapping_fingerprint
        and not has.columns @> had.columns
    order by has.entity limit 1
""")

_REOPEN = text("""
    update ops.loads as later set state = 'loaded', reason = null
    where later.delivery = 'snapshot' and later.replay_of is null and later.state in ('accepted', 'rejected')
        and later.compacted_at is null
        and (later.source = any(:only) or :only = '{}')
        and exists (
            select from ops.loads as arrived
            where arrived.state = 'loaded' and arrived.delivery = 'snapshot' and arrived.replay_of is null
                and arrived.source = later.source and arrived.export = later.export
                and (arrived.extracted_at, arrived.sha256) < (later.extracted_at, later.sha256)
        )
""")


def reopen_later_snapshots(engine: Engine, only: Iterable[str] = ()) -> None:
    """Let snapshots be judged again that are newer than one that has just arrived: it is their yardstick now."""
    with engine.begin() as connection:
        connection.execute(_REOPEN, {"only": list(only)})


def deviation(engine: Engine, item: PendingLoad, export: Export | None) -> str:
    """In what the load differs from those before it more than its export allows; empty if it does not."""
    limits = export or Export(name=item.export, files=(), into=())
    with engine.connect() as connection:

        def row(query: Any) -> Any:
            return connection.execute(query, {"load_id": item.load_id}).one_or_none()

        snapshot, usual = row(_SNAPSHOT), row(_USUAL)
        # Keys that are null are left out of JSON; a column of a table is there or it is not.
        lost = None if limits.format.type in ("json", "jsonl") else row(_LOST)
    if snapshot and item.loaded < (1 - limits.max_shrink) * snapshot.loaded:
        shrunk = f"the snapshot holds {item.loaded} records, the one before held {snapshot.loaded}"
        return f"{shrunk}: more than {limits.max_shrink:.0%} would be deleted"
    is_judged = usual.loads >= FEWEST_LOADS and item.loaded >= FEWEST_RECORDS
    if is_judged and item.loaded > limits.max_growth * usual.usual:
        grown = f"it holds {item.loaded} records, {usual.usual} are usual (median of {usual.loads} loads before)"
        return f"{grown}: more than {limits.max_growth:g} times as many (max_growth)"
    if lost:
        return f"it lacks {', '.join(lost.columns)}, which load {lost.load_id} of the same export brought"
    return ""
