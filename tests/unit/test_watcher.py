"""The role of the web interface's page: it may look at the ledger's counts and states, and at nothing else."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from support.loading import rows
from touchline import health, warehouse
from touchline.settings import Settings
from touchline.warehouse import Role

_TABLES = """
    select relnamespace::regnamespace || '.' || relname from pg_class, aclexplode(relacl) as acl
    where acl.grantee = 'touchline_watcher'::regrole and acl.privilege_type {} 'SELECT' order by 1
"""
_COLUMNS = """
    select relname, attname, privilege_type from pg_attribute
    join pg_class on pg_class.oid = attrelid, aclexplode(attacl) as acl
    where acl.grantee = 'touchline_watcher'::regrole
"""
# Written by hand: what `touchline status` tells is made of these.
SEEN = ["builds", "compactions", "load_accounts", "load_reasons", "loads", "publications", "token_generations"]
OF_INCIDENTS = {
    "incident_id",
    "state",
    "severity",
    "kind",
    "title",
    "owner",
    "opened_at",
    "last_seen_at",
    "times_seen",
    "times_reopened",
}


def test_the_watcher_sees_states_and_counts_alone(settings: Settings) -> None:
    assert [name for (name,) in rows(settings, _TABLES.format("="))] == [f"ops.{name}" for name in SEEN]
    assert rows(settings, _TABLES.format("<>")) == []
    assert set(rows(settings, _COLUMNS)) == {("incidents", name, "SELECT") for name in OF_INCIDENTS}
    schemas = (
        "select nspname from pg_namespace where has_schema_privilege('touchline_watcher', oid, 'usage')"
        " and nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public')"
    )
    assert rows(settings, schemas) == [("ops",)]


def test_the_watcher_may_ask_for_the_status(settings: Settings) -> None:
    watcher = warehouse.engine(settings, Role.WATCHER)
    assert health.looked_at(settings, watcher)["builds"] == []
    with watcher.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("select what, example_keys from ops.incidents"))
