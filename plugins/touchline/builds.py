"""Builds: a frozen set of accepted loads, an `as_of`, and what became of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from touchline.errors import TouchlineError
from touchline.mapping import Source


@dataclass(frozen=True)
class Build:
    """One frozen build. `as_of` caps every brand's own `as_of`."""

    build_id: int
    as_of: datetime
    loads: int
    brands: tuple[str, ...]


@dataclass(frozen=True)
class Publication:
    """One change of what readers see."""

    publication_id: int
    build_id: int
    kind: str
    published_at: datetime


# A rejected load counts while somebody answers for it (`ops.usable_loads`); a replay counts with the load it completes,
# also as part of the same snapshot; of snapshots only the latest.
USABLE = """
    select load_id from (
        select load_id, delivery, rank() over (
            partition by source, export, delivery order by extracted_at desc, sha256 desc
        ) as recency
        from ops.usable_loads as usable
        where replay_of is null or replay_of in (select load_id from ops.usable_loads)
    ) as ranked
    where delivery <> 'snapshot' or recency = 1
"""

_IS_CURRENT = text(f"""
    with latest as (
        select build_id, is_as_of_given, code_fingerprint from ops.builds
        where state = 'published' order by build_id desc limit 1
    ),
    built as (select load_id from ops.build_loads inner join latest using (build_id)),
    accepted as ({USABLE})
    select not exists (select from accepted where load_id not in (select load_id from built))
        and not exists (select from built where load_id not in (select load_id from accepted))
        and not latest.is_as_of_given and latest.code_fingerprint = :code
    from latest
""")

_FREEZE = text("""
    insert into ops.builds (as_of, is_as_of_given, is_full_refresh, code_fingerprint, state)
    values (
        coalesce(cast(:as_of as timestamptz), now()), cast(:as_of as timestamptz) is not null, :full_refresh, :code,
        'building'
    )
    returning build_id, as_of
""")

MANY_RECORDS = 100_000
"""Fewer new records are brought in by key, however few there were before: neither way takes long."""

# By key, each new record is looked up, held against what is there, logged and moved: dearer than making it anew.
_MAKE_ANEW_IF_MOST_IS_NEW = text("""
    update ops.builds set is_full_refresh = true
    from (
        select
            sum(loads.records) filter (where known.load_id is null) as fresh,
            sum(loads.records) filter (where known.load_id is not null) as known
        from ops.build_loads
        inner join ops.loads using (load_id)
        left join ops.build_loads as known
            on build_loads.load_id = known.load_id
            and known.build_id = (select max(build_id) from ops.builds where state = 'published')
        where build_loads.build_id = :build_id
    ) as records
    where builds.build_id = :build_id and records.fresh >= :many and records.fresh > records.known
""")

_FREEZE_LOADS = text(f"insert into ops.build_loads (build_id, load_id) select :build_id, load_id from ({USABLE}) a")

# An export without events of its own (customers, locations) does not say through when its source is complete.
_FREEZE_SOURCE = text("""
    insert into ops.build_sources (build_id, source, kind, brand, timezone, currency, is_required, complete_through)
    select :build_id, :source, :kind, :brand, :timezone, :currency, :is_required, min(newest.complete_through)
    from (
        select max(loads.complete_through) as complete_through
        from ops.build_loads
        inner join ops.loads using (load_id)
        where build_loads.build_id = :build_id and loads.source = :source
        group by loads.export
    ) as newest
    having count(*) > 0
""")

_FREEZE_BRANDS = text("""
    insert into ops.build_brands (build_id, brand, as_of)
    select build_id, brand, least(
        builds.as_of,
        coalesce(min(complete_through) filter (where is_required), min(complete_through), builds.as_of)
    )
    from ops.build_sources inner join ops.builds using (build_id)
    where build_id = :build_id
    group by build_id, brand, builds.as_of
""")


def needs_build(engine: Engine, code: str) -> bool:
    """Whether anything is accepted that the published build does not hold, or its code has changed."""
    with engine.connect() as connection:
        has_loads = connection.scalar(text(f"select exists ({USABLE})"))
        return bool(has_loads) and not connection.scalar(_IS_CURRENT, {"code": code})


def freeze(
    engine: Engine, sources: list[Source], code: str, as_of: datetime | None = None, *, full_refresh: bool = False
) -> Build:
    """Freeze the accepted loads, the attributes of their sources and the `as_of` of each brand.

    `full_refresh` has every table made anew, and so have `MANY_RECORDS` or more that the published build does not know,
    if they are more than those it knows.

    Raises TouchlineError when a brand lacks a source declared as required.
    """
    with engine.begin() as connection:
        # Loads that commit from here on belong to the next build.
        connection.exec_driver_sql("set transaction isolation level repeatable read")
        frozen = connection.execute(_FREEZE, {"as_of": as_of, "full_refresh": full_refresh, "code": code}).one()
        build_id: int = frozen.build_id
        loads = connection.execute(_FREEZE_LOADS, {"build_id": build_id}).rowcount
        connection.execute(_MAKE_ANEW_IF_MOST_IS_NEW, {"build_id": build_id, "many": MANY_RECORDS})
        for source in sources:
            connection.execute(
                _FREEZE_SOURCE,
                {
                    "build_id": build_id,
                    "source": source.source,
                    "kind": source.kind,
                    "brand": source.brand,
                    "timezone": source.timezone,
                    "currency": source.currency,
                    "is_required": source.required,
                },
            )
        _check_sources(connection, build_id, sources)
        connection.execute(_FREEZE_BRANDS, {"build_id": build_id})
        brands = connection.scalars(
            text("select brand from ops.build_brands where build_id = :id order by brand"), {"id": build_id}
        ).all()
    return Build(build_id, frozen.as_of, loads, tuple(brands))


def set_state(engine: Engine, build_id: int, state: str, reason: str | None = None) -> None:
    """Move a build to `audited`, `failed` or `published`."""
    with engine.begin() as connection:
        connection.execute(
            text("update ops.builds set state = :state, reason = :reason, finished_at = now() where build_id = :id"),
            {"state": state, "reason": reason, "id": build_id},
        )


@dataclass(frozen=True)
class Order:
    """How a build is to be made. Events after `instant` are unknown to it; `is_as_of` if that instant was given."""

    instant: datetime
    is_as_of: bool
    is_full_refresh: bool


def order(engine: Engine, build_id: int) -> Order:
    """How a build is to be made."""
    with engine.connect() as connection:
        row = connection.execute(
            text("select as_of, is_as_of_given, is_full_refresh from ops.builds where build_id = :id"),
            {"id": build_id},
        ).one()
    return Order(row.as_of, row.is_as_of_given, row.is_full_refresh)


def is_later_published(engine: Engine, as_of: datetime) -> bool:
    """Whether what readers see is as of a later instant."""
    with engine.connect() as connection:
        live = connection.scalar(
            text(
                "select builds.as_of from ops.publications join ops.builds using (build_id)"
                " order by publication_id desc limit 1"
            )
        )
    return live is not None and live > as_of


def latest_publication(engine: Engine) -> Publication | None:
    """What readers see now, or None before the first publication."""
    with engine.connect() as connection:
        row = (
            connection.execute(
                text(
                    "select publication_id, build_id, kind, published_at from ops.publications"
                    " order by publication_id desc limit 1"
                )
            )
            .mappings()
            .first()
        )
    return Publication(**row) if row else None


def _check_sources(connection: Connection, build_id: int, sources: list[Source]) -> None:
    present = set(
        connection.scalars(text("select source from ops.build_sources where build_id = :id"), {"id": build_id})
    )
    loaded = set(
        connection.scalars(
            text("select distinct source from ops.build_loads join ops.loads using (load_id) where build_id = :id"),
            {"id": build_id},
        )
    )
    if orphans := sorted(loaded - present):
        raise TouchlineError(
            f"Loads of {', '.join(orphans)} are in the warehouse, but no source file describes them",
            where="dags/sources",
            todo="bring the source file back",
        )
    brands = {source.brand for source in sources if source.source in present}
    missing = [s.source for s in sources if s.required and s.brand in brands and s.source not in present]
    if missing:
        raise TouchlineError(
            f"Required sources have no accepted load: {', '.join(missing)}",
            where="dags/sources",
            todo="deliver their exports, or set `required: false` there",
        )
