"""Who may do what: a matrix of roles and objects, written by hand. An object that it does not know is a failure.

What a right is worth: a right on a table counts only with `usage` on its schema.
"""

import re
from itertools import product
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from support.loading import execute, rows
from touchline import publish, warehouse
from touchline.contracts import load_contracts
from touchline.settings import Settings
from touchline.warehouse import Role

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("touchline_loader", "touchline_builder", "touchline_publisher", "bi_reader", "touchline_matcher")
RIGHTS = {
    "r": "select",
    "a": "insert",
    "w": "update",
    "d": "delete",
    "D": "truncate",
    "x": "references",
    "t": "trigger",
}
OWN = "rawdDxt"
SEEN = ("r", "r", "r", "")

# Loader, builder, publisher, bi_reader. `*` is any name. What the matcher may do stands below, for it is little.
TABLES = {
    "ops.approvals": ("", "", "", ""),
    "ops.audits": SEEN,
    "ops.build_brands": SEEN,
    "ops.build_loads": SEEN,
    "ops.build_sources": SEEN,
    "ops.builds": SEEN,
    "ops.check_overrides": ("", "", "", ""),
    "ops.compactions": SEEN,
    "ops.deliveries": ("raw", "", "", ""),
    "ops.erasures": SEEN,
    "ops.heartbeats": ("", "", "", ""),
    "ops.incidents": ("", "", "", ""),
    "ops.key_checks": ("ra", "r", "r", ""),
    "ops.load_accounts": SEEN,
    "ops.load_entities": ("ra", "r", "r", ""),
    "ops.load_reasons": ("ra", "r", "r", ""),
    "ops.loads": ("raw", "r", "r", ""),
    "ops.migrations": SEEN,
    "ops.outbox": ("", "", "", ""),
    "ops.overrides": ("", "", "", ""),
    "ops.publications": SEEN,
    "ops.raw_months": SEEN,
    "ops.token_generations": ("ra", "r", "r", ""),
    "ops.usable_loads": SEEN,
    "ops.yardsticks": SEEN,
    "quarantine.files": (OWN, "", "", ""),
    "quarantine.records": (OWN, "", "", ""),
    "vault.moved_places": (OWN, "", "", ""),
    "vault.moves": (OWN, "", "", ""),
    "vault.tombstones": (OWN, "", "", ""),
    "vault.values": (OWN, "", "", ""),
    "vault.weak_attributes": ("", "", "", ""),
    "raw.*": (OWN, "r", "", ""),
    "identity.changes": ("", OWN, "", ""),
    "identity.links": ("", OWN, "", ""),
    "identity.members": ("", OWN, "", ""),
    "identity.nodes": ("", OWN, "", ""),
    "identity.redirects": ("", OWN, "", ""),
    "identity.states": ("", OWN, "", ""),
    "identity.token_origins": ("", OWN, "", ""),
    "identity.weak_pairs": ("", OWN, "", ""),
    "identity.weak_scorings": ("", OWN, "", ""),
    "estimates.answer_permutations": ("", OWN, "", ""),
    "estimates.channel_permutations": ("", OWN, "", ""),
    "estimates.mix_permutations": ("", OWN, "", ""),
    "estimates.purchase_forecasts": ("", OWN, "", ""),
    "estimates.profit_chain_links": ("", OWN, "", ""),
    "estimates.purchase_models": ("", OWN, "", ""),
    "changes.changed_keys": ("", OWN, "", ""),
    # What dbt makes there, it makes as the builder.
    "staging.*": ("", OWN, "", ""),
    "intermediate.*": ("", OWN, "", ""),
    "working.*": ("", OWN, "", ""),
    "marts_next.*": ("", OWN, "r", ""),
    "marts.*": ("", "", "r", "r"),
    "marts_previous.*": ("", "", "r", ""),
    "marts_idle.*": ("", "", "r", ""),
}
# usage (U) and create (C)
SCHEMAS = {
    "ops": ("U", "U", "U", ""),
    "quarantine": ("UC", "", "", ""),
    "vault": ("UC", "", "", ""),
    "raw": ("UC", "U", "", ""),
    **dict.fromkeys(("identity", "estimates", "changes", "staging", "intermediate", "working"), ("", "UC", "", "")),
    "marts_next": ("", "UC", "UC", ""),
    "marts": ("", "", "UC", "U"),
    "marts_previous": ("", "", "UC", ""),
    "marts_idle": ("", "", "UC", ""),
    # Postgres lets everybody look into it; nothing is there.
    "public": ("U", "U", "U", "U"),
}
SEQUENCES = {"ops.load_sequence": ("U", "", "", "")}
"""Those of identity columns need no right of their own."""
# It reads sealed attributes and leaves scores, which it cannot even read again.
MATCHER = {
    "vault.weak_attributes": "r",
    "identity.weak_pairs": "ad",
    "identity.weak_scorings": "a",
    "vault": "U",
    "identity": "U",
    "public": "U",
}


@pytest.fixture(scope="module")
def filled(make_database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse after four publications and at the beginning of a fifth build, a table in every schema of dbt's."""
    home = tmp_path_factory.mktemp("roles") / "home"
    made = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(made)
    owner, builder = warehouse.engine(made), warehouse.engine(made, Role.BUILDER)
    for build_id in range(1, 6):
        execute(
            made,
            "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)"
            " values (now(), false, 'c', 'audited')",
        )
        publish.prepare_slot(owner, build_id)
        with builder.begin() as connection:
            connection.execute(text(f"create table marts_next.fct_{build_id} (x integer)"))
        if build_id < 5:
            publish.publish(owner, build_id)
    with builder.begin() as connection:
        for schema in ("staging", "intermediate", "working"):
            connection.execute(text(f"create table {schema}.made_by_dbt (x integer)"))
    for engine in (owner, builder):
        engine.dispose()
    return made


def expected(found: str, matrix: dict[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    four = matrix.get(found, matrix.get(f"{found.partition('.')[0]}.*"))
    return None if four is None else (*four, MATCHER.get(found, ""))


def cases(kinds: str) -> str:
    return (
        "from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
        f" where relkind in ({kinds}) and nspname !~ '^pg_' and nspname <> 'information_schema'"
    )


def worth(name: str, kind: str, rights: dict[str, str]) -> str:
    """SQL of the letters that a role has on an object."""
    letters = [f"case when has_{kind}_privilege({{role}}, {name}, '{right}') then '{letter}' else '' end"
               for letter, right in rights.items()]  # fmt: skip
    return " || ".join(letters)


def per_role(letters: str) -> str:
    return ", ".join(letters.replace("{role}", f"'{role}'") for role in ROLES)


def check_tables(filled: Settings, absent: str) -> None:
    """Every table and view has the rights of the matrix; all of the matrix are there, but for an absent slot."""
    usable = "has_schema_privilege({role}, relnamespace, 'usage')"
    columns = per_role(f"case when {usable} then {worth('pg_class.oid', 'table', RIGHTS)} else '' end")
    kinds = "'r', 'p', 'v', 'm', 'f'"
    found = {row[0]: row[1:] for row in rows(filled, f"select nspname || '.' || relname, {columns} {cases(kinds)}")}
    assert {name: rights for name, rights in found.items() if expected(name, TABLES) != rights} == {}
    there = {*found, *(f"{name.partition('.')[0]}.*" for name in found)}
    assert {name for name in TABLES if name not in there} == {f"{absent}.*"}


def check_schemas(filled: Settings, absent: str) -> None:
    columns = per_role(worth("oid", "schema", {"U": "usage", "C": "create"}))
    where = "where nspname !~ '^pg_' and nspname <> 'information_schema'"
    found = {row[0]: row[1:] for row in rows(filled, f"select nspname, {columns} from pg_namespace {where}")}
    assert found == {name: expected(name, SCHEMAS) for name in SCHEMAS if name != absent}


def test_every_table_and_view(filled: Settings) -> None:
    check_tables(filled, absent="marts_idle")
    entities = {contract.raw_table for contract in load_contracts(filled.contracts_dir).values()}
    assert set(rows(filled, "select distinct table_name from ops.raw_months")) == {(name,) for name in entities}


def test_every_schema(filled: Settings) -> None:
    check_schemas(filled, absent="marts_idle")


def test_every_sequence(filled: Settings) -> None:
    columns = per_role(worth("pg_class.oid", "sequence", {"U": "usage", "w": "update"}))
    of_no_column = "and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'i')"
    sql = f"select nspname || '.' || relname, {columns} {cases(chr(39) + 'S' + chr(39))} {of_no_column}"
    assert {row[0]: row[1:] for row in rows(filled, sql)} == {name: expected(name, SEQUENCES) for name in SEQUENCES}


def test_there_is_no_function_of_ours(filled: Settings) -> None:
    """A function would run with rights that no table of rights shows: a new one is to be judged and entered here."""
    sql = "select proname from pg_proc join pg_namespace n on n.oid = pronamespace"
    assert rows(filled, f"{sql} where nspname !~ '^pg_' and nspname <> 'information_schema'") == []


def test_the_roles_themselves(filled: Settings) -> None:
    powers = "rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication"
    ours = f"where rolname in {ROLES}"
    found = rows(filled, f"select rolname, {powers}, rolcanlogin from pg_roles {ours}")
    assert set(found) == {(role, False, role == "bi_reader") for role in ROLES}
    members = f"select count(*) from pg_auth_members join pg_roles on pg_roles.oid = member {ours}"
    assert rows(filled, members) == [(0,)], "none of them is another one, too"


def test_a_reader_cannot_become_anybody_else(filled: Settings) -> None:
    engine = create_engine(warehouse.database_url(filled, Role.READER))
    for role in set(ROLES) - {"bi_reader"}:
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(f"set role {role}"))
    engine.dispose()


@pytest.mark.parametrize(("role", "schema"), list(product(ROLES, ("vault", "quarantine", "marts_previous", "staging"))))
def test_the_matrix_is_what_really_happens(filled: Settings, role: str, schema: str) -> None:
    """A sample of the matrix, by statements instead of the catalog."""
    [table] = rows(filled, f"select tablename from pg_tables where schemaname = '{schema}' order by 1 limit 1")[0]
    allowed = "r" in (expected(f"{schema}.{table}", TABLES) or ())[ROLES.index(role)]
    engine = create_engine(warehouse.database_url(filled, Role(role)))
    with engine.connect() as connection:
        if allowed:
            connection.execute(text(f'select count(*) from {schema}."{table}"'))
        else:
            with pytest.raises(ProgrammingError, match=re.escape("permission denied")):
                connection.execute(text(f'select count(*) from {schema}."{table}"'))
    engine.dispose()


def test_the_slot_that_rests_after_a_publication(filled: Settings) -> None:
    publish.publish(warehouse.engine(filled), 5)
    check_tables(filled, absent="marts_next")
    check_schemas(filled, absent="marts_next")


def test_a_new_object_is_not_passed_over(filled: Settings) -> None:
    execute(filled, "create table ops.unheard_of (x integer)")
    with pytest.raises(AssertionError, match="unheard_of"):
        check_tables(filled, absent="marts_next")
    execute(filled, "drop table ops.unheard_of")
