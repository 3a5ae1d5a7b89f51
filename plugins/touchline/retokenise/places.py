"""Where tokens live, and how they are moved there: batch by batch, each with its mark in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from touchline.identity.frames import TOKEN_KINDS

_NODE = f"^({'|'.join(TOKEN_KINDS)})/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$"
"""A node named by a token, `<kind>/<token>`."""
_MOVING = "moving_rows"

# By the catalog, not by the contracts: a column that has left its contract stays in its table.
_RAW_COLUMNS = text(r"""
    select relname, array_agg(cast(attname as text) order by attnum) as columns
    from pg_attribute
    inner join pg_class on pg_class.oid = attrelid
    where relnamespace = to_regnamespace('raw') and relkind in ('r', 'p') and not relispartition
        and atttypid = 'uuid'::regtype and attname like '%\_token' and attnum > 0 and not attisdropped
    group by relname order by relname
""")
_THROUGH = text("select coalesce(max(through), -1) from vault.moved_places where place = :place")
_MARK = text("""
    insert into vault.moved_places as marks (place, through, rows) values (:place, :through, :rows)
    on conflict (place) do update set through = excluded.through, rows = marks.rows + excluded.rows
""")


@dataclass(frozen=True)
class Place:
    """Columns of a table that hold tokens, or names of identity nodes. `batch`: the number its rows are moved by."""

    table: str
    batch: str
    columns: tuple[str, ...]
    holds_nodes: bool = False
    is_keyed: bool = False
    """The columns are part of a key: rows that fall together are one row."""

    def token(self, column: str, row: str) -> str:
        """SQL of the token in a column."""
        if not self.holds_nodes:
            return f"{row}.{column}"
        return f"case when {row}.{column} ~ '{_NODE}' then cast(split_part({row}.{column}, '/', 2) as uuid) end"

    def moved(self, column: str, row: str, move: str) -> str:
        """SQL of what takes the token's place; null where no move is known."""
        if not self.holds_nodes:
            return f"{move}.new_token"
        return f"split_part({row}.{column}, '/', 1) || '/' || {move}.new_token"


# Without identity.links: they are made anew with the state, see `run.py`.
_IDENTITY = (
    Place("identity.nodes", "build_id", ("node",), holds_nodes=True, is_keyed=True),
    Place("identity.changes", "build_id", ("node",), holds_nodes=True),
    Place("identity.redirects", "from_build", ("anchor_node", "heir_node"), holds_nodes=True),
)


def find_places(connection: Connection) -> list[Place]:
    """Every place of the warehouse; what a build makes anew (staging, intermediate) is none."""
    found = connection.execute(_RAW_COLUMNS)
    raw = [Place(f'raw."{row.relname}"', "_load_id", tuple(f'"{name}"' for name in row.columns)) for row in found]
    return [*raw, *_IDENTITY]


def give_unknown_tokens_a_move(connection: Connection, place: Place) -> None:
    """Tokens that the vault knows no value of become random ones, each the same everywhere."""
    for column in place.columns:
        token = place.token(column, "rows")
        connection.execute(
            text(f"""
                insert into vault.moves (old_token, new_token, is_unfit, created_at)
                select token, gen_random_uuid(), false, now()
                from (select distinct {token} as token from {place.table} as rows) as found
                where token is not null and not exists (select from vault.moves where old_token = token)
                on conflict do nothing
            """)
        )


def move_place(engine: Engine, place: Place) -> Iterator[int]:
    """Move what is not moved yet, in batches; yields the rows changed by each, once committed."""
    with engine.connect() as connection:
        through = connection.scalar(_THROUGH, {"place": place.table})
        sql = text(f"select distinct {place.batch} from {place.table} where {place.batch} > :through order by 1")
        batches = connection.scalars(sql, {"through": through}).all()
    for batch in batches:
        with engine.begin() as connection:
            rows = _move_batch(connection, place, batch)
            connection.execute(_MARK, {"place": place.table, "through": batch, "rows": rows})
        yield rows


def _move_batch(connection: Connection, place: Place, batch: int) -> int:
    if not place.is_keyed:
        return connection.execute(text(_update(place, place.table)), {"batch": batch}).rowcount
    # Moved aside and back, for on the way two rows may bear one key.
    theirs = f"{place.table} where {place.batch} = :batch"
    connection.execute(
        text(f"create temporary table {_MOVING} on commit drop as select * from {theirs}"), {"batch": batch}
    )
    rows = connection.execute(text(_update(place, _MOVING)), {"batch": batch}).rowcount
    connection.execute(text(f"delete from {theirs}"), {"batch": batch})
    connection.execute(text(f"insert into {place.table} select * from {_MOVING} on conflict do nothing"))
    return rows


def _update(place: Place, table: str) -> str:
    """SQL that moves one batch: each row at once in all its columns, and only rows that change."""
    numbered = list(enumerate(place.columns))
    found = ", ".join(
        f"coalesce({place.moved(column, 'rows', f'm{n}')}, rows.{column}) as c{n}" for n, column in numbered
    )
    joins = "\n".join(f"left join vault.moves m{n} on m{n}.old_token = {place.token(c, 'rows')}" for n, c in numbered)
    changes = ", ".join(f"{column} = moved.c{n}" for n, column in numbered)
    differs = " or ".join(f"target.{column} is distinct from moved.c{n}" for n, column in numbered)
    return f"""
        update {table} as target set {changes}
        from (
            select rows.ctid as position, {found} from {table} as rows {joins} where rows.{place.batch} = :batch
        ) as moved
        where target.ctid = moved.position and target.{place.batch} = :batch and ({differs})
    """
