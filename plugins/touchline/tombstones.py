"""Rows of erased persons name nobody: the one mechanism by which erasure severs what is there and landing what comes.

A row belongs to whom its first reference names (an account, else a loyalty id), else to whom its identifiers name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from touchline.contracts import Contract

ERASED = "erased/"
"""Begins the random key of a row that was a person and is now a deleted one."""

_OWN = "(rows._source, rows.{column}) in (select scope, value from vault.tombstones where kind = {kind})"
_OF_BRAND = "(loads.brand, rows.{column}) in (select scope, value from vault.tombstones where kind = {kind})"
_OF_BRANDS_CRM = """(loads.brand, rows.{column}) in (
    select crm.brand, value from vault.tombstones
    inner join (select distinct source, brand from ops.loads where kind = 'crm') as crm on crm.source = scope
    where tombstones.kind = {kind}
)"""
_IDENTIFIER = """rows.{column} in (
    select cast(value as uuid) from vault.tombstones where tombstones.kind in ('email', 'phone')
)"""


# By the catalog, not by the contract: a column that has left it stays in its table.
_UUID_COLUMNS = r"""
    select cast(attname as text) from pg_attribute
    where attrelid = to_regclass(%s) and atttypid = 'uuid'::regtype and attname like '%%\_token' and attnum > 0
        and not attisdropped
    order by attnum
"""


@dataclass(frozen=True)
class Reference:
    """A column that names a person. `is_subject`: the row is theirs whom it names."""

    column: str
    kind: str
    match: str = _OWN
    is_subject: bool = True


_LOYALTY = Reference("loyalty_id", "loyalty", _OF_BRAND)
REFERENCES: Mapping[str, tuple[Reference, ...]] = {
    "pos": (Reference("customer_ref", "customer"), _LOYALTY),
    "crm": (
        Reference("contact_id", "contact"),
        _LOYALTY,
        *(
            Reference(name, "contact", is_subject=False)
            for name in ("master_contact_id", "surviving_id", "merged_id", "referrer_contact_id", "referred_contact_id")
        ),
    ),
    "call_center": (
        Reference("customer_ref", "customer"),
        Reference("verified_contact_id", "contact", _OF_BRANDS_CRM),
    ),
}
"""By kind of source, in the order in which a row's person is looked for. A call center's contact_id is a call."""


@dataclass
class Severed:
    """Rows that name nobody since, by raw table; tokens they bore, by column; loads they came by."""

    rows: dict[str, int] = field(default_factory=dict)
    tokens_of: dict[str, set[str]] = field(default_factory=dict)
    loads: set[int] = field(default_factory=set)

    @property
    def tokens(self) -> set[str]:
        """In whatever column."""
        return set().union(*self.tokens_of.values())


def sever(connection: psycopg.Connection[Any], contracts: Iterable[Contract], load_id: int | None = None) -> Severed:
    """Sever the rows of everybody with a tombstone, in all loads or in one; the transaction is the caller's."""
    severed = Severed()
    for contract in contracts:
        columns = _token_columns(connection, contract)
        table = _Table(contract, columns)
        if not table.conditions:
            continue
        connection.execute(table.find(load_id))
        found = connection.execute(table.tokens()).fetchall()
        for place, name in enumerate(columns):
            borne_there = {str(tokens[place]) for _, tokens in found if tokens[place]}
            severed.tokens_of.setdefault(name, set()).update(borne_there)
        severed.loads.update(load for load, _ in found)
        if found:
            severed.rows[contract.raw_table] = connection.execute(table.cut(load_id)).rowcount
        connection.execute("drop table severed")
    return severed


def borne(
    connection: psycopg.Connection[Any],
    contracts: Iterable[Contract],
    tokens: Iterable[str],
    load_id: int | None = None,
) -> set[str]:
    """Which of the tokens rows of these entities bear, in all loads or in one."""
    wanted = sorted(tokens)
    found: set[str] = set()
    for contract in contracts:
        for column in _token_columns(connection, contract) if wanted else ():
            query = sql.SQL(
                "select distinct {name} from raw.{table} as rows where {name} = any(%s::uuid[]){only}"
            ).format(name=sql.Identifier(column), table=sql.Identifier(contract.raw_table), only=_only(load_id))
            found.update(str(token) for (token,) in connection.execute(query, (wanted,)))
    return found


class _Table:
    """One raw table: which columns name persons, and by what they are recognised."""

    def __init__(self, contract: Contract, token_columns: list[str]) -> None:
        self._contract = contract
        self._tokens = token_columns
        self.references = [item for item in REFERENCES[contract.kind] if item.column in contract.by_name]
        self.conditions = {
            item.column: _says(item.match, column=item.column, kind=item.kind) for item in self.references
        } | {name: _says(_IDENTIFIER, column=name) for name in token_columns}

    def find(self, load_id: int | None) -> sql.Composed:
        """Makes the table `severed`: where the rows lie, what of each is the person's, whether all of it is."""
        marks = sql.SQL(", ").join(
            sql.SQL("{} as {}").format(says, sql.Identifier(f"is_{name}")) for name, says in self.conditions.items()
        )
        return sql.SQL(
            "create temporary table severed on commit drop as"
            " select rows.tableoid as part, rows.ctid as place, {belongs} as belongs, {marks}"
            " from raw.{table} as rows inner join ops.loads on loads.load_id = rows._load_id"
            " where ({any}){only}"
        ).format(
            belongs=self._belongs(),
            marks=marks,
            table=sql.Identifier(self._contract.raw_table),
            any=sql.SQL(" or ").join(self.conditions.values()),
            only=_only(load_id),
        )

    def tokens(self) -> sql.Composed:
        """The (load, tokens) of the rows found."""
        theirs = sql.SQL("case when belongs or {} then rows.{} end")
        bearing = [theirs.format(_mark(name), sql.Identifier(name)) for name in self._tokens]
        return sql.SQL(
            "select _load_id, array[{tokens}]::uuid[] from raw.{table} as rows"
            " inner join severed on rows.tableoid = part and rows.ctid = place"
        ).format(tokens=sql.SQL(", ").join(bearing), table=sql.Identifier(self._contract.raw_table))

    def cut(self, load_id: int | None) -> sql.Composed:
        """Takes from the rows found what names the person. A row whose key does becomes a deleted one."""
        changes = [self._severed_reference(item) for item in self.references]
        kept = sql.SQL("{name} = case when not (belongs or {mark}) then rows.{name} end")
        changes += [kept.format(name=sql.Identifier(name), mark=_mark(name)) for name in self._tokens]
        keys = [item.column for item in self.references if self._contract.by_name[item.column] in self._contract.key]
        if keys:
            gone = sql.SQL(" or ").join(_mark(name) for name in keys)
            changes.append(sql.SQL("is_deleted = rows.is_deleted or {}").format(gone))
        return sql.SQL(
            "update raw.{table} as rows set {changes}, _payload_hash = case when belongs then {rest}"
            " else rows._payload_hash end from severed where rows.tableoid = part and rows.ctid = place{only}"
        ).format(
            table=sql.Identifier(self._contract.raw_table),
            changes=sql.SQL(", ").join(changes),
            rest=self._hash_of_rest(),
            only=_only(load_id),
        )

    def _belongs(self) -> sql.Composed:
        """Whether the row is the person's: the first reference there is decides, else any identifier."""
        cases = [
            sql.SQL("case when rows.{} is not null then {} end").format(
                sql.Identifier(item.column), self.conditions[item.column]
            )
            for item in self.references
            if item.is_subject
        ]
        by_token: list[sql.Composable] = [self.conditions[name] for name in self._tokens] or [sql.SQL("false")]
        return sql.SQL("coalesce({})").format(sql.SQL(", ").join([*cases, sql.SQL(" or ").join(by_token)]))

    def _severed_reference(self, item: Reference) -> sql.Composed:
        column = self._contract.by_name[item.column]
        cut = sql.SQL("({} or belongs)" if item.is_subject else "{}").format(_mark(item.column))
        instead: sql.Composable = sql.SQL("null")
        if column.is_required or column in self._contract.key:
            instead = sql.SQL("{} || gen_random_uuid()").format(sql.Literal(ERASED))
        name = sql.Identifier(item.column)
        return sql.SQL("{} = case when {} then {} else rows.{} end").format(name, cut, instead, name)

    def _hash_of_rest(self) -> sql.Composed:
        """A digest of what is left: that of the whole row would let somebody who guesses the row find it."""
        personal = [*(item.column for item in self.references), *self._tokens]
        loaders = ["_load_id", "_record_number", "_loaded_at", "_version_at", "_payload_hash"]
        return sql.SQL("cast(md5(cast(to_jsonb(rows) - {}::text[] as text)) as uuid)").format(
            sql.Literal([*personal, *loaders])
        )


def _token_columns(connection: psycopg.Connection[Any], contract: Contract) -> list[str]:
    rows = connection.execute(_UUID_COLUMNS, (f'raw."{contract.raw_table}"',))
    return [name for (name,) in rows]


def _says(pattern: str, **names: str) -> sql.Composed:
    """A condition over `rows`, false where the column is null."""
    values = {"column": sql.Identifier(names["column"]), "kind": sql.Literal(names.get("kind", ""))}
    return sql.SQL("coalesce({}, false)").format(sql.SQL(pattern).format(**values))


def _mark(name: str) -> sql.Identifier:
    return sql.Identifier("severed", f"is_{name}")


def _only(load_id: int | None) -> sql.Composable:
    return sql.SQL("") if load_id is None else sql.SQL(" and rows._load_id = {}").format(sql.Literal(load_id))
