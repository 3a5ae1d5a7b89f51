"""What weak evidence suggests, beside who is who: pairs for people to look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from touchline import warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings
from touchline.warehouse import Role

_LAST = text("""
    select max(scored_at) as scored_at, max(model_version) as model_version, max(build_id) as build_id,
        sum(contacts) as contacts, count(*) filter (where prior is null) as untrained
    from identity.weak_scorings
    where scored_at = (select max(scored_at) from identity.weak_scorings)
""")
# A pair whose contact has gone since is no evidence any more.
_SHOWN = """
    select pairs.brand, left_node, right_node, match_weight, match_probability,
        left_nodes.customer_id as left_customer_id, right_nodes.customer_id as right_customer_id
    from identity.weak_pairs as pairs
    inner join identity.nodes as left_nodes on pairs.brand = left_nodes.brand and left_node = left_nodes.node
    inner join identity.nodes as right_nodes on pairs.brand = right_nodes.brand and right_node = right_nodes.node
    where match_probability >= :threshold
"""
_COUNTS = text(f"""
    select count(*) as pairs, count(*) filter (where left_customer_id = right_customer_id) as joined
    from ({_SHOWN}) as shown
""")
_JOINED_AT_ALL = text("""
    select coalesce(sum(contacts * (contacts - 1) / 2), 0) from (
        select count(*) as contacts from identity.nodes
        where node_kind = 'contact' and customer_id is not null group by customer_id
    ) as customers
""")
_TO_REVIEW = text(f"""
    {_SHOWN} and left_nodes.customer_id is distinct from right_nodes.customer_id
    order by match_weight desc, pairs.brand, left_node, right_node limit :most
""")


@dataclass(frozen=True)
class Review:
    """The last scoring seen from a threshold. `joined`: pairs that firmer evidence joins, too, of `joined_at_all` that
    it joins; `to_review`: those it does not; `rows`: the strongest of these.
    """

    threshold: float
    scored_at: datetime
    model_version: str
    build_id: int
    contacts: int
    untrained_brands: int
    pairs: int
    joined: int
    joined_at_all: int
    to_review: int
    rows: list[dict[str, Any]]


def review(settings: Settings, threshold: float, most: int | None = None) -> Review:
    """Pairs from a threshold on that are not one customer, strongest first, `most` of them.

    Raises TouchlineError for a threshold below what is kept, and where nothing was scored yet.
    """
    if not 0.5 <= threshold <= 1:
        raise TouchlineError(f"The threshold {threshold:g} is none", todo="state a probability from 0.5 to 1")
    with warehouse.engine(settings, Role.BUILDER).connect() as connection:
        last = connection.execute(_LAST).one()
        if last.scored_at is None:
            raise TouchlineError("Weak evidence was not scored yet", todo="run `touchline weak-identity score`")
        counts = connection.execute(_COUNTS, {"threshold": threshold}).one()
        rows = connection.execute(_TO_REVIEW, {"threshold": threshold, "most": most}).mappings().all()
        joined_at_all = connection.scalar(_JOINED_AT_ALL)
    return Review(
        threshold=threshold,
        scored_at=last.scored_at,
        model_version=last.model_version,
        build_id=last.build_id,
        contacts=int(last.contacts),
        untrained_brands=last.untrained,
        pairs=counts.pairs,
        joined=counts.joined,
        joined_at_all=int(joined_at_all or 0),
        to_review=counts.pairs - counts.joined,
        rows=[dict(row) for row in rows],
    )
