"""Weak evidence between vault and scores: nothing but scores comes out, under a role that may do nothing else."""

import json
import logging
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from support.loading import deliver, execute, rows
from support.weak_contacts import FIRST, LAST, people
from touchline import erasure, vault, warehouse
from touchline.cli.app import app
from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.settings import Settings, get_settings
from touchline.warehouse import Role
from touchline.weak_identity import THRESHOLD, model, review, score

HEADER = "contact_id,full_name,birth_year,postal_code,email,created_at,source_updated_at,is_deleted\n"
EVERY_TABLE = """
    select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p', 'v') and nspname !~ '^pg_' and nspname <> 'information_schema'
"""


CANARIES = [*FIRST, *LAST, "nobody@canary.example", "Comer"]


def line(
    contact: str, name: str, year: str, place: str, *, changed: str = "2026-01-02", is_deleted: bool = False
) -> str:
    at = f"2026-01-02T00:00:00Z,{changed}T00:00:00Z"
    return f'{contact},"{name}",{year},{place},nobody@canary.example,{at},{str(is_deleted).lower()}\n'


@pytest.fixture
def resolved(settings: Settings) -> Settings:
    """Contacts of a resolved build. c0 and d0 are one customer, the others one each; c79 was deleted since it came,
    c78 became one more entry of c50; e1 came after the build.
    """
    made = people()
    _, name, year, place = next(row for row in made if row[0] == "c50")
    changes = line("c78", name, year, place, changed="2026-02-01")
    changes += line("c79", "", "", "", changed="2026-02-01", is_deleted=True)
    deliver(settings, "a.csv", HEADER + "".join(line(*row) for row in made))
    deliver(settings, "b.csv", HEADER + changes)
    deliver(settings, "c.csv", HEADER + line("e1", "Later Comer", "1950", "10007"))
    execute(
        settings,
        """
        insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)
        values ('2026-06-01', false, 'c', 'published');
        insert into ops.build_loads select 1, load_id from ops.loads where file_name <> 'c.csv';
        insert into identity.nodes (brand, node, node_kind, customer_id, build_id)
        select distinct 'default', 'shop_crm/contact/' || contact_id, 'contact',
            case when contact_id = 'd0' then 'c0' else contact_id end, 1
        from raw.crm_contacts where contact_id not in ('c79', 'e1');
        insert into identity.states (
            build_id, method, rules_digest, changed_nodes, touched_customers, nodes, members, customers
        )
        values (1, 'full', 'r', 0, 0, 0, 0, 0)
        """,
    )
    return settings


@pytest.fixture
def splink() -> None:
    pytest.importorskip("splink", reason="the extra weak-identity is not installed")


def command(settings: Settings, *arguments: str) -> str:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    environment = {"TOUCHLINE_HOME": str(settings.home)}
    get_settings.cache_clear()
    result = CliRunner().invoke(app, ["--verbose", "weak-identity", *arguments, "--database", url], env=environment)
    get_settings.cache_clear()
    if result.exception:
        raise result.exception
    return result.output


def told_by_tables(settings: Settings) -> list[tuple[str]]:
    """Tables and views in which a canary stands."""
    tables = [name for (name,) in rows(settings, EVERY_TABLE)]
    assert {"raw.crm_contacts", 'vault."values"', "identity.weak_pairs"} <= set(tables)
    canaries = "|".join(CANARIES)
    return rows(settings, " union ".join(f"select '{t}' from {t} as t where t::text ~* '{canaries}'" for t in tables))


@pytest.mark.usefixtures("splink")
def test_scores_come_out_of_the_vault_and_nothing_else(
    resolved: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told = command(resolved, "score") + command(resolved, "review", "--csv")
    told += caplog.text + "".join(capfd.readouterr())

    pairs = rows(
        resolved,
        "select split_part(left_node, '/', 3), split_part(right_node, '/', 3) from identity.weak_pairs"
        f" where match_probability >= {THRESHOLD}",
    )
    assert set(pairs) == {("c50", "c78"), *((f"c{number}", f"d{number}") for number in range(40))}
    [scoring] = rows(
        resolved, "select brand, contacts, build_id, model_version like 'splink 4%' from identity.weak_scorings"
    )
    # 80 people and 40 second entries, but for the one that was deleted.
    assert scoring == ("default", 119, 1, True)

    assert told_by_tables(resolved) == []
    execute(resolved, "create table ops.leak as select 'of hugo QUASTEL' as note")
    assert told_by_tables(resolved) == [("ops.leak",)], "the search finds what is there"
    execute(resolved, "drop table ops.leak")
    written = [path for path in resolved.home.rglob("*") if path.is_file() and path.parent != resolved.landing_dir]
    assert written
    told += "".join(path.read_text(encoding="utf-8", errors="replace") for path in written)
    assert [canary for canary in CANARIES if canary.lower() in told.lower()] == []

    found = review(resolved, THRESHOLD)
    assert (found.pairs, found.joined, found.joined_at_all, found.to_review) == (41, 1, 1, 40)
    assert len(found.rows) == 40
    shown = json.loads(command(resolved, "review", "--json", "--most", "3"))
    assert [row["match_weight"] for row in shown["rows"]] == [row["match_weight"] for row in found.rows[:3]]
    # Scored again, the scores take the place of those before.
    before = rows(resolved, "select left_node, right_node, match_weight from identity.weak_pairs order by 1, 2")
    score(resolved)
    assert rows(resolved, "select left_node, right_node, match_weight from identity.weak_pairs order by 1, 2") == before


def test_the_matcher_sees_sealed_attributes_alone(resolved: Settings) -> None:
    """The rest of its rights: test_roles."""
    engine = warehouse.engine(resolved, Role.MATCHER)
    with engine.connect() as connection:
        sealed = connection.execute(text("select * from vault.weak_attributes")).mappings().all()
    assert set(sealed[0]) == {"build_id", "brand", "node", "full_name", "birth_year", "postal_code", "email", "phone"}
    nodes = {row["node"].removeprefix("shop_crm/contact/") for row in sealed}
    assert nodes == {row[0] for row in people()} - {"c79"}
    keys = vault.load_keys(resolved.secrets_dir)
    [renamed] = [row for row in sealed if row["node"].endswith("/c78")]
    assert keys.decrypt(bytes(renamed["full_name"])).decode() == next(row[1] for row in people() if row[0] == "c50")
    for table in ("vault.values", "raw.crm_contacts", "identity.nodes", "identity.weak_pairs", "ops.loads"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(f"select * from {table}"))
    engine.dispose()


def keep_pair(settings: Settings, left: str, right: str, probability: float) -> None:
    execute(
        settings,
        f"""
        insert into identity.weak_pairs values ('default', 'shop_crm/contact/{left}', 'shop_crm/contact/{right}',
            3, {probability}, 1, 'by hand', now());
        insert into identity.weak_scorings values ('default', 119, 1, 0.01, 1, 'by hand', now())
        """,
    )


def test_an_erased_contact_leaves_no_pair(resolved: Settings) -> None:
    keep_pair(resolved, "c1", "d1", 0.99)
    keep_pair(resolved, "c2", "d2", 0.99)
    erasure.erase(resolved, [erasure.Identifier("customer", "d1")], asked_by="clerk", reason="ticket 7")
    assert rows(resolved, "select left_node from identity.weak_pairs") == [("shop_crm/contact/c2",)]


def test_pairs_are_shown_from_a_threshold_on(resolved: Settings) -> None:
    with pytest.raises(TouchlineError, match="not scored yet"):
        review(resolved, THRESHOLD)
    for number, probability in enumerate((0.99, 0.8, 0.79)):
        keep_pair(resolved, f"c{number}", f"d{number}", probability)
    assert (review(resolved, 0.8).pairs, review(resolved, 0.79).pairs) == (2, 3)
    assert review(resolved, 0.8).to_review == 1, "c0 and d0 are one customer"
    # A contact that has gone since is no evidence.
    execute(resolved, "delete from identity.nodes where node = 'shop_crm/contact/d1'")
    assert review(resolved, 0.8).pairs == 1
    with pytest.raises(TouchlineError, match=r"from 0\.5 to 1"):
        review(resolved, 0.4)


def test_nobody_is_scored_while_a_person_is_erased(resolved: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "require_extra", lambda: "4")
    with (
        warehouse.advisory_lock(warehouse.engine(resolved), Lock.TOKENS, "busy"),
        pytest.raises(TouchlineError, match="a person is being erased"),
    ):
        score(resolved)


def test_without_a_resolved_build_there_is_nobody_to_compare(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "require_extra", lambda: "4")
    deliver(settings, "a.csv", HEADER + line("c1", "Anna", "1950", "1"))
    with pytest.raises(TouchlineError, match="no CRM contact"):
        score(settings)


def test_a_contract_without_the_attributes_is_told(settings: Settings) -> None:
    execute(settings, "drop view vault.weak_attributes")
    with pytest.raises(TouchlineError, match="the contract lacks some") as error:
        score(settings)
    assert "touchline upgrade" in str(error.value)


def test_the_command_says_what_to_install(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(TouchlineError) as caught:
        command(settings, "score")
    assert caught.value.todo == "pip install 'touchline[weak-identity]'"
