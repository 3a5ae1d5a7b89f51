"""The assets that connect the DAGs. An event is a doorbell: what there is to do, the ledger knows."""

from collections.abc import Iterable

from airflow.sdk import Asset

from touchline.mapping import Source

MARTS = Asset("touchline://marts")
APPROVALS = Asset("touchline://approvals")
"""Something was approved that a build may have waited for."""


def raw_asset(kind: str, entity: str) -> Asset:
    """The asset of one raw table, e.g. `touchline://raw/pos/transactions`."""
    return Asset(f"touchline://raw/{kind}/{entity}")


def raw_assets(sources: Iterable[Source]) -> list[Asset]:
    """One asset per entity that the sources' exports bring, without repeats, in a stable order."""
    entities = {
        (source.kind, target.entity) for source in sources for export in source.exports for target in export.into
    }
    return [raw_asset(kind, entity) for kind, entity in sorted(entities)]
