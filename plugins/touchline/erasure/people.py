"""From identifiers to everything a person is known by: identifiers and accounts of their customer."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from touchline.contracts import Contract, PersonalKind
from touchline.erasure.identifiers import Identifier
from touchline.erasure.journal import Tombstone
from touchline.errors import TouchlineError
from touchline.identity.frames import ACCOUNT_KINDS, TOKEN_KINDS
from touchline.keys import VaultKeys
from touchline.landing.tokens import Tokeniser
from touchline.tombstones import REFERENCES

_CUSTOMERS_OF_NODES = """
    select distinct customer_id from identity.nodes
    where node = any(%(nodes)s) and customer_id is not null
        and (node_kind <> 'loyalty' or brand = any(%(brands)s))
"""
_CUSTOMER = """
    select coalesce(redirects.customer_id, given.customer_id) from (select %s::text as customer_id) as given
    left join identity.redirects on redirects.old_customer_id = given.customer_id and valid_to is null
"""
_MEMBERS = "select distinct brand, node, node_kind from identity.nodes where customer_id = any(%s)"
_BRANDS = "select distinct brand from ops.loads order by brand"
_VALUES = "select token, ciphertext from vault.values where token = any(%s::uuid[])"
_PUT = """
    insert into vault.tombstones (kind, scope, value, key_version, erasure_id) values (%s, %s, %s, %s, %s)
    on conflict do nothing
"""
# Accounts that came since identities were solved last; a phone alone joins nobody.
_NEWCOMERS = """
    select distinct rows._source, rows.{account} from raw.{table} as rows
    inner join ops.loads on loads.load_id = rows._load_id
    where rows.{account} is not null and ({shown})
        and not exists (select from identity.nodes where node = rows._source || {slash} || rows.{account})
"""
_BY_EMAIL = """rows.{column} in (
    select cast(value as uuid) from vault.tombstones where kind = 'email' and erasure_id = %(erasure)s
)"""
_BY_LOYALTY = """(loads.brand, rows.{column}) in (
    select scope, value from vault.tombstones where kind = 'loyalty' and erasure_id = %(erasure)s
)"""


def customers(
    connection: psycopg.Connection[Any], identifiers: Iterable[Identifier], keys: VaultKeys, brand: str | None
) -> tuple[list[str], list[Tombstone]]:
    """(ids of the customers who are meant, tombstones of the identifiers themselves).

    Raises TouchlineError for a customer id that is nobody's, and for a loyalty id of no stated brand where there are
    several: the same id may be another person's there.
    """
    brands = [row[0] for row in connection.execute(_BRANDS)]
    found: set[str] = set()
    stones: set[Tombstone] = set()
    for number, identifier in enumerate(identifiers, 1):
        if identifier.kind == "customer":
            found.add(_known_customer(connection, identifier.value, number))
            continue
        if identifier.kind == "loyalty":
            of = [brand] if brand else brands
            if len(of) > 1:
                raise TouchlineError("A loyalty id is its brand's, and there are several", todo="state --brand")
            stones |= {Tombstone("loyalty", name, identifier.value) for name in of}
            nodes = [f"loyalty/{identifier.value}"]
        else:
            of = brands
            made = set(_tokens(identifier.kind, identifier.value, keys))
            stones |= made
            nodes = [f"{stone.kind}/{stone.value}" for stone in made]
        rows = connection.execute(_CUSTOMERS_OF_NODES, {"nodes": nodes, "brands": of})
        found.update(row[0] for row in rows)
    return sorted(found), sorted(stones, key=repr)


def known_by(connection: psycopg.Connection[Any], customer_ids: list[str], keys: VaultKeys) -> Iterator[Tombstone]:
    """What these customers are known by, tokens by every key at hand."""
    rows = connection.execute(_MEMBERS, (customer_ids,)).fetchall()
    tokens = {node.split("/", 1)[1]: kind for _, node, kind in rows if kind in TOKEN_KINDS}
    for token, kind in tokens.items():
        yield Tombstone(kind, "", token, keys.token_version)
    for token, sealed in connection.execute(_VALUES, (sorted(tokens),)).fetchall():
        yield from _tokens(tokens[str(token)], keys.decrypt(bytes(sealed)).decode(), keys)
    for brand, node, kind in rows:
        if kind == "loyalty":
            yield Tombstone(kind, brand, node.split("/", 1)[1])
        elif kind in ACCOUNT_KINDS:
            source, _, account = node.split("/", 2)
            yield Tombstone(kind, source, account)


def put(connection: psycopg.Connection[Any], stones: Iterable[Tombstone], erasure: UUID) -> int:
    """Set tombstones; how many are new."""
    return sum(
        connection.execute(_PUT, (stone.kind, stone.scope, stone.value, stone.key_version, erasure)).rowcount
        for stone in stones
    )


def newcomers(connection: psycopg.Connection[Any], contracts: Iterable[Contract], erasure: UUID) -> Iterator[Tombstone]:
    """Accounts no build has resolved yet that show one of this erasure's addresses or loyalty ids."""
    for contract in contracts:
        account = next(item for item in REFERENCES[contract.kind] if item.kind in ACCOUNT_KINDS)
        shown = [
            sql.SQL(_BY_EMAIL).format(column=sql.Identifier(column.raw_name))
            for column in contract.columns
            if column.personal in (PersonalKind.EMAIL, PersonalKind.ENDPOINT)
        ]
        if "loyalty_id" in contract.by_name:
            shown.append(sql.SQL(_BY_LOYALTY).format(column=sql.Identifier("loyalty_id")))
        if not shown or account.column not in contract.by_name:
            continue
        query = sql.SQL(_NEWCOMERS).format(
            account=sql.Identifier(account.column),
            table=sql.Identifier(contract.raw_table),
            shown=sql.SQL(" or ").join(shown),
            slash=sql.Literal(f"/{account.kind}/"),
        )
        for source, value in connection.execute(query, {"erasure": erasure}).fetchall():
            yield Tombstone(account.kind, source, value)


def _tokens(kind: str, value: str, keys: VaultKeys) -> Iterator[Tombstone]:
    """By every key at hand: an older dump has tokens of an older one."""
    for version, key in sorted(keys.token_keys.items()):
        token = UUID(bytes=Tokeniser(key, None).digest(PersonalKind(kind), value))
        yield Tombstone(kind, "", str(token), version)


def _known_customer(connection: psycopg.Connection[Any], customer_id: str, number: int) -> str:
    row = connection.execute(_CUSTOMER, (customer_id,)).fetchone()
    if row is None or not row[0] or not connection.execute(_MEMBERS, ([row[0]],)).fetchone():
        raise TouchlineError("No customer has this id", where=f"identifier {number}", todo="see dim_customers")
    return str(row[0])
