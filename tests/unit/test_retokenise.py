"""Retokenise: every token moves, once and wholly, and names of identifiers hold."""

import hashlib
import hmac
import unicodedata
from uuid import UUID

import polars as pl
import pytest
from sqlalchemy import text

from support.loading import HEADER, contact, deliver, execute, rows
from touchline import queries, steps, vault, warehouse
from touchline.contracts import PersonalKind
from touchline.errors import TouchlineError
from touchline.identity import origins
from touchline.landing import tokens
from touchline.landing.values import BadValue
from touchline.retokenise import Move, retokenise, values
from touchline.settings import Settings

SET_ASIDE = "c8,Person,,,no-time\n"


def token(settings: Settings, version: int, kind: str, value: str) -> UUID:
    """HMAC-SHA-256 of the value under a version of the key, by the standard library alone."""
    file = "token_key" if version == 1 else f"token_key_{version}"
    key = bytes.fromhex((settings.secrets_dir / file).read_text())
    return UUID(bytes=hmac.new(key, f"{kind}\x1f{value}".encode(), hashlib.sha256).digest()[:16])


def emails(settings: Settings) -> dict[str, UUID]:
    return dict(rows(settings, "select contact_id, email_token from raw.crm_contacts"))


def add_build(settings: Settings, nodes: dict[str, str]) -> int:
    """An earlier build that knew some nodes by customer; to each node an old id leads."""
    owner = warehouse.engine(settings)
    with owner.begin() as connection:
        build_id = connection.execute(
            text(
                "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)"
                " values (now(), false, 'c', 'published') returning build_id"
            )
        ).scalar_one()
        for node, customer in nodes.items():
            values = {"build": build_id, "node": node, "kind": node.split("/")[-2], "customer": customer}
            connection.execute(
                text(
                    "insert into identity.nodes (brand, node, node_kind, customer_id, build_id)"
                    " values ('b', :node, :kind, :customer, :build)"
                ),
                values,
            )
            connection.execute(
                text(
                    "insert into identity.redirects"
                    " (brand, old_customer_id, customer_id, anchor_node, heir_node, from_build, valid_from)"
                    " values ('b', 'once ' || cast(:node as text), :customer, :node, :node, :build, now())"
                ),
                values,
            )
        connection.execute(
            text(
                "insert into identity.states (build_id, method, rules_digest, changed_nodes, touched_customers,"
                " nodes, members, customers) values (:build, 'full', 'd', 0, 0, 0, 0, 0)"
            ),
            {"build": build_id},
        )
    return int(build_id)


def new_normaliser(monkeypatch: pytest.MonkeyPatch, version: int = 2) -> None:
    """A release in which dots before the @ of an address mean nothing, and no address is at example.net."""

    def without_dots(value: str, _region: str | None) -> str:
        name, _, domain = value.casefold().partition("@")
        if domain == "example.net":
            raise BadValue("not an e-mail address")
        return unicodedata.normalize("NFC", f"{name.replace('.', '')}@{domain}")

    monkeypatch.setitem(tokens._NORMALISERS, PersonalKind.EMAIL, without_dots)
    monkeypatch.setattr("touchline.landing.fast.personal._SURE_LENGTH", 0)
    for module in ("landing.transactions", "landing.writer", "retokenise.run", "steps"):
        monkeypatch.setattr(f"touchline.{module}.NORMALISER_VERSION", version)


def done(move: Move | None) -> Move:
    assert move is not None
    return move


def test_every_token_moves_to_the_new_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "BATCH_VALUES", 4)
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2) + SET_ASIDE)
    deliver(settings, "b.csv", HEADER + contact(3) + contact(1).replace("c1", "c4"))
    old = {number: token(settings, 1, "email", f"p{number}@example.com") for number in (1, 2, 3)}
    build = add_build(settings, {f"email/{old[1]}": "x", "shop/contact/c1": "x"})
    vault.rotate(settings)
    move = done(retokenise(settings))
    # Three people with name, address and number each; four rows of raw, two of identity.
    counted = (move.tokens, move.merged, move.unfit, move.without_value, move.rows)
    assert counted == (9, 0, 0, 0, 4 + 1 + 1)
    assert (move.generation, move.key_version, move.normaliser_version) == (2, 2, 1)

    new = {number: token(settings, 2, "email", f"p{number}@example.com") for number in (1, 2, 3)}
    assert emails(settings) == {"c1": new[1], "c2": new[2], "c3": new[3], "c4": new[1]}
    [name] = rows(settings, "select full_name_token, phone_token from raw.crm_contacts where contact_id = 'c2'")
    assert name == (token(settings, 2, "text", "Person2"), token(settings, 2, "phone", "+12125550002"))
    nodes = rows(settings, f"select node from identity.members where build_id = {build} order by 1")
    assert nodes == [(f"email/{new[1]}",), ("shop/contact/c1",)]
    assert rows(settings, "select anchor_node from identity.redirects order by 1") == nodes
    assert rows(settings, "select heir_node from identity.redirects order by 1") == nodes
    # The next build solves identities anew, whatever the state holds.
    assert rows(settings, "select rules_digest from identity.states") == [("",)]

    keys = vault.load_keys(settings.secrets_dir)
    opened = {
        found: keys.decrypt(bytes(sealed)).decode()
        for found, sealed in rows(settings, "select token, ciphertext from vault.values")
    }
    assert {number: opened[new[number]] for number in new} == {n: f"p{n}@example.com" for n in new}
    assert len(opened) == 9
    sealed_by = (
        "select get_byte(ciphertext, 0) from vault.values union select get_byte(payload, 0) from quarantine.records"
    )
    assert rows(settings, sealed_by) == [(2,)]
    assert queries.quarantined_record(settings, 1, 3) == SET_ASIDE.encode()
    assert rows(settings, "select distinct key_version, normaliser_version from vault.values") == [(2, 1)]
    assert rows(settings, "select count(*) from vault.moves") == [(0,)]


def test_a_second_call_has_nothing_to_do(settings: Settings) -> None:
    assert retokenise(settings) is None
    deliver(settings, "a.csv", HEADER + contact(1))
    assert retokenise(settings) is None
    vault.rotate(settings)
    assert retokenise(settings) is not None
    before = rows(settings, "select * from raw.crm_contacts"), rows(settings, "select * from vault.values")
    assert retokenise(settings) is None
    assert (rows(settings, "select * from raw.crm_contacts"), rows(settings, "select * from vault.values")) == before


def test_a_person_loaded_between_and_after_has_the_token_of_before(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    vault.rotate(settings)
    deliver(settings, "between.csv", HEADER + contact(1).replace("c1", "c2"))
    retokenise(settings)
    deliver(settings, "after.csv", HEADER + contact(1).replace("c1", "c3"))
    expected = token(settings, 2, "email", "p1@example.com")
    assert emails(settings) == {"c1": expected, "c2": expected, "c3": expected}
    assert rows(settings, "select count(*) from vault.values") == [(3,)]


def test_old_keys_may_go_once_nothing_is_made_by_them(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + SET_ASIDE)
    vault.rotate(settings)
    retokenise(settings)
    for name in ("token_key", "cipher_key"):
        (settings.secrets_dir / name).unlink()
    assert steps.check_keys(settings) is None
    deliver(settings, "b.csv", HEADER + contact(2))
    assert queries.quarantined_record(settings, 1, 2) == SET_ASIDE.encode()


def test_a_rotation_of_the_cipher_key_alone_seals_anew(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    vault.rotate(settings)
    (settings.secrets_dir / "token_key_2").unlink()
    before = emails(settings)
    done(retokenise(settings))
    assert emails(settings) == before
    assert rows(settings, "select distinct get_byte(ciphertext, 0), key_version from vault.values") == [(2, 1)]


def test_values_that_mean_the_same_today_become_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    people = ["c1,,a.b@example.com,", "c2,,ab@example.com,", "c3,,x@example.com,", "c4,,old@example.net,"]
    deliver(settings, "a.csv", HEADER + "".join(f"{person},2026-01-02T00:00:00Z\n" for person in people))
    old = emails(settings)
    add_build(settings, {f"email/{old['c1']}": "first", f"email/{old['c2']}": "second", f"email/{old['c3']}": "third"})
    new_normaliser(monkeypatch)
    move = done(retokenise(settings))
    # Of four values one changed, and then is another's; one is no address any more and stays.
    assert (move.tokens, move.merged, move.unfit, move.rows) == (4, 1, 1, 1 + 1 + 1)
    assert emails(settings) == old | {"c1": old["c2"]}
    assert rows(settings, "select count(*), min(normaliser_version) from vault.values") == [(3, 2)]
    members = rows(settings, "select node, customer_id from identity.members order by 1")
    assert [node for node, _ in members] == sorted(f"email/{old[name]}" for name in ("c2", "c3"))
    # The two go on under the token of the one that was known first; both began at once: the smaller.
    names = origins.FirstNames(_origins(settings))
    assert names.give(_nodes(f"email/{old['c2']}"), "node")["node"].to_list() == [
        f"email/{min(old['c1'], old['c2'], key=str)}"
    ]
    deliver(settings, "b.csv", HEADER + "c5,,A.B@example.com,,2026-01-02T00:00:00Z\n")
    assert emails(settings)["c5"] == old["c2"]


def _origins(settings: Settings) -> pl.DataFrame:
    sql = "select origin::text, token::text from identity.token_origins order by first_seen_at, origin"
    return pl.DataFrame(rows(settings, sql), schema=origins.ORIGINS, orient="row")


def _nodes(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"node": list(names)})


def test_first_names_hold_over_several_moves_and_come_back(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    first = emails(settings)["c1"]
    for _ in range(3):
        vault.rotate(settings)
        retokenise(settings)
    names = origins.FirstNames(_origins(settings))
    nodes = _nodes(f"email/{emails(settings)['c1']}", "email/unknown", f"email/{first}", "shop/contact/c1")
    given = names.give(nodes, "node")
    # A new identifier that happens to have somebody's first token is somebody else.
    assert given["node"].to_list() == [f"email/{first}", "email/unknown", f"email/{first}~", "shop/contact/c1"]
    assert names.take_back(given, "node").equals(nodes)
    # Names and the like are no identifiers: their first tokens are not kept.
    assert rows(settings, "select count(*) from identity.token_origins") == [(2,)]


def test_tokens_that_the_vault_has_forgotten_become_random_and_stay_together(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1) + contact(1).replace("c1", "c2") + contact(3))
    lost = emails(settings)["c1"]
    add_build(settings, {f"email/{lost}": "x"})
    execute(settings, f"delete from vault.values where token = '{lost}'")
    vault.rotate(settings)
    assert done(retokenise(settings)).without_value == 1
    found = emails(settings)
    assert found["c1"] == found["c2"] not in (lost, token(settings, 2, "email", "p1@example.com"))
    assert rows(settings, "select node from identity.members") == [(f"email/{found['c1']}",)]


def test_a_column_that_left_its_contract_moves_too(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    execute(settings, "alter table raw.crm_cases add column gone_token uuid")
    execute(
        settings,
        "insert into raw.crm_cases (gone_token, _source, _load_id, _record_number, _version_at, _payload_hash)"
        " select email_token, 'x', 1, 1, now(), gen_random_uuid() from raw.crm_contacts",
    )
    vault.rotate(settings)
    retokenise(settings)
    assert rows(settings, "select gone_token from raw.crm_cases") == [(token(settings, 2, "email", "p1@example.com"),)]


def test_a_damaged_value_is_named_by_its_token_and_nothing_moves(settings: Settings) -> None:
    deliver(settings, "a.csv", HEADER + contact(1))
    damaged = emails(settings)["c1"]
    execute(settings, f"update vault.values set ciphertext = ciphertext || '\\x00' where token = '{damaged}'")
    vault.rotate(settings)
    with pytest.raises(TouchlineError, match="does not open") as caught:
        retokenise(settings)
    assert str(damaged) in str(caught.value.where)
    assert emails(settings)["c1"] == damaged
