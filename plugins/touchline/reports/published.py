"""What the pages are made of: the published marts, read as bi_reader, and what the ledger says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import sql
from sqlalchemy import Engine, text

from touchline import queries, warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings

Row = dict[str, Any]

ATTEMPTS = 5
"""A publication in the midst of reading starts the reading anew; more in a row than this is told."""

_LABEL = "select obj_description('marts'::regnamespace, 'pg_namespace') as label"

_PUBLICATION = text("""
    select publication_id, build_id, kind, published_at, frozen_at
    from ops.publications inner join ops.builds using (build_id)
    order by publication_id desc limit 1
""")
_BRANDS = text('select brand, as_of from ops.build_brands where build_id = :build_id order by brand collate "C"')

# The loads a build was made of, and those it could not take.
_LOADS = """
    select loads.* from ops.loads cross join ops.builds
    where builds.build_id = :build_id and (
        load_id in (select load_id from ops.build_loads where build_id = :build_id)
        or (loads.state in ('rejected', 'refused') and loads.finished_at <= builds.frozen_at)
    )
"""

_FACTS = {
    "sources": """
        select source, kind, brand, timezone, currency, is_required, complete_through
        from ops.build_sources where build_id = :build_id order by source collate "C"
    """,
    "loads": f"""
        select source, brand, count(*) filter (where replay_of is null) as files,
            count(*) filter (where state = 'rejected') as rejected,
            count(*) filter (where state = 'refused') as refused,
            coalesce(sum(records) filter (where replay_of is null), 0)::bigint as records,
            sum(loaded)::bigint as loaded, sum(filtered)::bigint as filtered,
            (sum(quarantined) - coalesce(sum(records) filter (where replay_of is not null), 0))::bigint as quarantined,
            max(finished_at) as last_load_at
        from ({_LOADS}) as loads group by source, brand order by source collate "C"
    """,
    "reasons": f"""
        select loads.source, loads.brand, outcome, column_name, load_reasons.reason,
            sum(load_reasons.records)::bigint as records, count(*) as files
        from ({_LOADS}) as loads inner join ops.load_reasons using (load_id)
        group by 1, 2, 3, 4, 5 order by 6 desc, 1, 3, 4, 5
    """,
    "problems": f"""
        select source, brand, file_name, state, split_part(coalesce(reason, ''), E'\\n', 1) as reason, finished_at
        from ({_LOADS}) as loads where state in ('rejected', 'refused') order by load_id desc
    """,
    "audits": """
        select verdict, checks, result, audited_at from ops.audits
        where build_id = :build_id order by audit_id desc limit 1
    """,
    "publications": """
        select publication_id, kind, build_id, published_at from ops.publications
        where publication_id <= :publication_id order by publication_id desc limit 10
    """,
}


@dataclass(frozen=True)
class Edition:
    """Which build readers see, since when, and the instant each brand's figures close at."""

    build_id: int
    publication_id: int
    kind: str
    published_at: datetime
    frozen_at: datetime
    as_of: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """Rows of the marts and facts of the ledger, all of one edition, by the name of their query."""

    edition: Edition
    marts: Mapping[str, list[Row]]
    facts: Mapping[str, list[Row]]

    def of(self, query: str, brand: str) -> list[Row]:
        """The rows of one brand, in the order of the query."""
        rows = self.marts[query] if query in self.marts else self.facts[query]
        return [row for row in rows if row["brand"] == brand]


def read_published(settings: Settings, page_queries: Mapping[str, str]) -> Published:
    """Run the pages' queries on one and the same build.

    A query may use `horizons (brand, as_of)`. Raises TouchlineError when nothing is published, a query
    fails, or every attempt was overtaken by a publication.
    """
    owner = warehouse.engine(settings)
    for _ in range(ATTEMPTS):
        edition = _edition(settings, owner)
        if edition is None:
            continue
        try:
            marts = {name: _read(settings, query, edition) for name, query in page_queries.items()}
        except TouchlineError:
            if _edition(settings, owner) == edition:
                raise
            continue
        facts = _facts(owner, edition)
        if _edition(settings, owner) == edition:
            return Published(edition, marts, facts)
    raise TouchlineError(
        f"The marts were published anew during each of {ATTEMPTS} attempts to read them",
        where="schema marts",
        todo="render the report again once the builds have ended",
    )


def _edition(settings: Settings, owner: Engine) -> Edition | None:
    """What is live; None if a publication came between the two looks at it."""
    label = queries.read(settings, _LABEL)[1][0][0]
    with owner.connect() as connection:
        latest = connection.execute(_PUBLICATION).mappings().first()
        if latest is None or label is None:
            raise TouchlineError("Nothing is published yet", where="schema marts", todo="run `touchline run` first")
        if label != f"build {latest['build_id']}":
            return None
        brands = connection.execute(_BRANDS, {"build_id": latest["build_id"]}).all()
    return Edition(**latest, as_of={row.brand: row.as_of for row in brands})


def _read(settings: Settings, query: str, edition: Edition) -> list[Row]:
    columns, rows = queries.read(settings, f"with horizons (brand, as_of) as ({_horizons(edition)})\n{query}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _horizons(edition: Edition) -> str:
    if not edition.as_of:
        return "select cast(null as text), cast(null as timestamptz)"
    pairs = [sql.SQL("({}, {})").format(brand, as_of) for brand, as_of in edition.as_of.items()]
    return sql.SQL("values {}").format(sql.SQL(", ").join(pairs)).as_string(None)


def _facts(owner: Engine, edition: Edition) -> dict[str, list[Row]]:
    keys = {"build_id": edition.build_id, "publication_id": edition.publication_id}
    with owner.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(text(query), keys).mappings()]
            for name, query in _FACTS.items()
        }
