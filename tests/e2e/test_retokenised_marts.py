"""A small brand, before and after its tokens moved: the same marts to the row, and no old token anywhere.

Then persons of it are erased: what happened stays counted, and they are nowhere.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, inspect, text

from touchline import approvals, erasure, pipeline, publish, synthetic, vault, warehouse
from touchline.approvals import Answer, Request
from touchline.errors import TouchlineError
from touchline.retokenise import retokenise
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KEPT = "identity.token_origins"
"""Holds first tokens on purpose: customers are named by them."""


@pytest.fixture(scope="module")
def brand(make_database, dbt_here: None, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Exports of a small brand, and a warehouse for them."""
    home = tmp_path_factory.mktemp("brand")
    made = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
    synthetic.generate(made.landing_dir, customers=120, days=60)
    return made


@pytest.fixture(scope="module")
def moved(brand: Settings) -> Iterator[tuple[dict[str, str], dict[str, str], set[str]]]:
    """Hashes of all marts before and after, and the tokens that are no more."""
    run(brand)
    owner = warehouse.engine(brand)
    before, old = mart_hashes(owner), tokens(owner)
    vault.rotate(brand)
    move = retokenise(brand)
    assert move is not None
    assert move.tokens == len(old)
    run(brand)
    yield before, mart_hashes(owner), old
    owner.dispose()


def run(settings: Settings) -> None:
    """One run; short files may exceed their error budget, so rejected loads are no failure here."""
    summary = pipeline.run(settings)
    assert summary.is_published, summary.problems


def tokens(owner: Engine) -> set[str]:
    with owner.connect() as connection:
        return {str(token) for token in connection.scalars(text("select token from vault.values"))}


def mart_hashes(owner: Engine) -> dict[str, str]:
    """Digest of the rows of each published mart, in an order of their own; names of identifiers bear tokens."""
    hashes = {}
    with owner.connect() as connection:
        for table in inspect(owner).get_table_names(schema="marts"):
            rows = sorted(
                connection.scalars(
                    text(f"select cast(to_jsonb(t) - 'left_node' - 'right_node' as text) from marts.\"{table}\" as t")
                )
            )
            hashes[table] = f"{len(rows)} {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"
    return hashes


def test_the_marts_are_the_same_to_the_row(moved) -> None:
    before, after, _ = moved
    assert len(before) > 15
    assert not before["fct_transactions"].startswith("0 ")
    assert after == before


def test_customers_known_by_an_identifier_alone_are_among_them(brand: Settings, moved) -> None:
    """Their ids derive from a token: without them the equality of the marts would show little."""
    with warehouse.engine(brand).connect() as connection:
        found = connection.scalar(
            text("""
                select count(*) from (
                    select customer_id from identity.members where build_id = (select max(build_id) from ops.builds)
                    group by customer_id having bool_and(node like 'email/%' or node like 'phone/%')
                ) as without_account
            """)
        )
    assert found > 0


def test_no_old_token_is_left_anywhere(brand: Settings, moved) -> None:
    """Links of customers name identifiers, also in the way back: they are gone when the slots have come round."""
    *_, old = moved
    for _ in range(2):
        assert pipeline.run(brand, full_refresh=True).is_published
    owner, found = warehouse.engine(brand), {}
    with owner.connect() as connection:
        for schema in set(inspect(owner).get_schema_names()) - {"information_schema"}:
            for table in inspect(owner).get_table_names(schema=schema):
                rows = connection.scalars(text(f'select t::text from "{schema}"."{table}" as t'))
                if left := {token for row in rows for token in UUIDS.findall(row)} & old:
                    found[f"{schema}.{table}"] = len(left)
    assert set(found) == {KEPT}
    files = [path for path in brand.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if set(UUIDS.findall(path.read_text(errors="replace"))) & old]


_PERSON = text("""
    select customer_id from identity.members
    where customer_id in (select customer_id from marts.fct_transactions)
        and customer_id in (select customer_id from marts.fct_cases)
    group by customer_id
    having bool_or(node like 'email/%') and bool_or(node like 'phone/%') and bool_or(node like '%/contact/%')
    order by 1 limit 1
""")
_COUNTED = text("""
    select (select count(*) from marts.fct_transactions), (select sum(total) from marts.fct_transactions),
        (select count(*) from marts.fct_cases), (select count(*) from marts.fct_surveys),
        (select count(*) from marts.fct_calls), (select count(*) from marts.dim_customers)
""")


@pytest.fixture(scope="module")
def erased(brand: Settings, moved) -> tuple[str, set[str], set[str], tuple, tuple]:
    """(customer, their tokens, their values, what the marts counted before and after the next build)."""
    owner, keys = warehouse.engine(brand), vault.load_keys(brand.secrets_dir)
    with owner.connect() as connection:
        customer = connection.scalar(_PERSON)
        assert customer
        nodes = set(
            connection.scalars(text("select node from identity.members where customer_id = :c"), {"c": customer})
        )
        tokens = {node.split("/")[1] for node in nodes if node.startswith(("email/", "phone/"))}
        contacts = [node.split("/", 2)[2] for node in nodes if "/contact/" in node]
        names = connection.scalars(
            text("select cast(full_name_token as text) from raw.crm_contacts where contact_id = any(:ids)"),
            {"ids": contacts},
        )
        sealed = connection.execute(
            text("select kind, ciphertext from vault.values where cast(token as text) = any(:tokens)"),
            {"tokens": sorted({*tokens, *filter(None, names)})},
        )
        values = {(row.kind, keys.decrypt(bytes(row.ciphertext)).decode()) for row in sealed}
        before = tuple(connection.execute(_COUNTED).one())
    email = next(value for kind, value in values if kind == "email")
    done = erasure.erase(brand, [erasure.Identifier("email", email)], asked_by="clerk", reason="ticket 7")
    assert (done.is_done, done.customers) == (True, 1)
    assert len(done.rows) > 1
    # The exports themselves are the company's, and named to it.
    named = {name.partition(": ")[2] for name in done.files}
    for path in [path for path in brand.landing_dir.rglob("*") if path.is_file()]:
        assert email not in path.read_text(errors="replace").casefold() or path.name in {Path(n).name for n in named}
        path.unlink()
    with pytest.raises(TouchlineError, match="erased since"):
        publish.rollback(owner)
    run(brand)
    with owner.connect() as connection:
        after = tuple(connection.execute(_COUNTED).one())
    return customer, tokens, {value for _, value in values}, before, after


def test_what_happened_stays_counted_without_the_person(erased) -> None:
    *_, before, after = erased
    assert after[:-1] == before[:-1]
    assert after[-1] == before[-1] - 1


def test_the_erased_person_is_nowhere(brand: Settings, erased) -> None:
    customer, tokens, values, *_ = erased
    keys, owner = vault.load_keys(brand.secrets_dir), warehouse.engine(brand)
    assert len(values) > 2
    with owner.connect() as connection:
        sealed = connection.scalars(
            text("select ciphertext from vault.values union all select payload from quarantine.records")
        )
        opened = "\n".join(keys.decrypt(bytes(value)).decode(errors="replace") for value in sealed).casefold()
        assert not [value for value in values - {""} if value.casefold() in opened]
        holding: dict[str, int] = {}
        for schema in set(inspect(owner).get_schema_names()) - {"information_schema", "marts_previous", "marts_idle"}:
            for table in inspect(owner).get_table_names(schema=schema):
                for row in connection.scalars(text(f'select t::text from "{schema}"."{table}" as t')):
                    assert not [value for value in values if value in row], table
                    if customer in row or tokens & set(UUIDS.findall(row)):
                        holding[f"{schema}.{table}"] = holding.get(f"{schema}.{table}", 0) + 1
    # Nothing but what the person is recognised by, should they be delivered again.
    assert set(holding) == {"vault.tombstones"}
    for path in (path for path in brand.home.rglob("*") if path.is_file()):
        assert not [value for value in values if value in path.read_text(errors="replace")], path


def test_an_erasure_that_a_second_person_approves(brand: Settings, erased) -> None:
    """It is done once, and the answer that is kept names both persons and not who was erased."""
    owner = warehouse.engine(brand)
    with owner.connect() as connection:
        customer = connection.scalar(_PERSON)
    request = Request("erase_customer", {"customer_id": customer}, "ticket 8", 1, "anna")
    answer = Answer("run 1", True, "bo", datetime.now(UTC))
    said = approvals.answer(brand, request, answer)
    assert approvals.answer(brand, request, answer) == said
    with owner.connect() as connection:
        kept = connection.execute(text("select arguments, outcome from ops.approvals where run_id = 'run 1'")).one()
        done = connection.execute(
            text("select erasure_id, customers, asked_by from ops.erasures where reason = 'ticket 8'")
        ).one()
        assert (
            connection.scalar(text("select count(*) from identity.nodes where customer_id = :c"), {"c": customer}) == 0
        )
    assert kept == ({}, said)
    assert (done.customers, done.asked_by) == (1, "bo, asked by anna")
    assert str(done.erasure_id) in said
