"""Old customer ids: where they lead, since when, and how that is corrected."""

from datetime import UTC, datetime, timedelta
from typing import Any

from support.identity_graphs import Edge, Node
from support.identity_warehouse import Warehouse
from touchline.identity import customer_id

ANN, BOB, EVE = (f"crm/contact/{name}" for name in ("ann", "bob", "eve"))
SEEN: dict[str, int] = {ANN: 1, BOB: 2, EVE: 0}


def day(build: int) -> datetime:
    """The instant of the build, as the fixture's ledger has it."""
    return datetime(2024, 3, 1, tzinfo=UTC) + timedelta(days=build)


def build(identities: Warehouse, people: list[str], *merges: tuple[str, str]) -> None:
    nodes: list[Node] = [("a", node, SEEN[node]) for node in people]
    edges: list[Edge] = [("a", one, other, 0, 0) for one, other in merges]
    identities.fill(nodes, edges)
    identities.build()


def name(node: str) -> str:
    return customer_id("a", node)


def periods(identities: Warehouse) -> list[tuple[Any, ...]]:
    return identities.rows(
        "select old_customer_id, customer_id, valid_from, valid_to from identity.redirects"
        " order by valid_from, old_customer_id"
    )


def test_a_merge_redirects_the_later_id_and_its_undoing_gives_it_back(identities: Warehouse) -> None:
    build(identities, [ANN, BOB])
    build(identities, [ANN, BOB], (ANN, BOB))
    assert periods(identities) == [(name(BOB), name(ANN), day(2), None)]
    build(identities, [ANN, BOB])
    assert periods(identities) == [(name(BOB), name(ANN), day(2), day(3))]
    assert identities.rows("select count(*) from identity.members where customer_id = '" + name(BOB) + "'") == [(1,)]


def test_a_late_earlier_member_takes_all_older_redirects_along(identities: Warehouse) -> None:
    build(identities, [ANN, BOB])
    build(identities, [ANN, BOB], (ANN, BOB))
    # Eve was created before both, and is delivered last: bob → eve in one step, never bob → ann → eve.
    build(identities, [ANN, BOB, EVE], (ANN, BOB), (EVE, ANN))
    assert sorted(row[:2] for row in periods(identities) if row[3] is None) == sorted(
        [(name(ANN), name(EVE)), (name(BOB), name(EVE))]
    )
    assert [row[2:] for row in periods(identities) if row[1] == name(ANN)] == [(day(2), day(3))]


def test_part_of_a_merge_undone_leads_each_id_to_its_own_part(identities: Warehouse) -> None:
    build(identities, [ANN, BOB, EVE])
    build(identities, [ANN, BOB, EVE], (EVE, ANN), (ANN, BOB))
    build(identities, [ANN, BOB, EVE], (ANN, BOB))
    # Ann's id is given again; bob's, which led to eve, leads to ann.
    assert [row for row in periods(identities) if row[3] is None] == [(name(BOB), name(ANN), day(3), None)]


def test_an_id_whose_node_is_deleted_leads_to_the_earliest_member_left(identities: Warehouse) -> None:
    build(identities, [ANN, BOB, EVE], (EVE, BOB), (EVE, ANN))
    build(identities, [ANN, BOB], (ANN, BOB))
    assert periods(identities) == [(name(EVE), name(ANN), day(2), None)]
    # The heir is deleted in turn.
    build(identities, [BOB])
    leading = [row[:2] for row in periods(identities) if row[3] is None]
    assert sorted(leading) == sorted([(name(EVE), name(BOB)), (name(ANN), name(BOB))])
    # Nobody is left: the ids lead nowhere, but they are not forgotten.
    build(identities, [])
    assert {row[1] for row in periods(identities) if row[3] is None} == {None}
    assert {row[0] for row in periods(identities) if row[3] is None} == {name(ANN), name(BOB), name(EVE)}
    # Eve comes back: her id is hers, the others still lead nowhere.
    build(identities, [EVE])
    assert {row[0] for row in periods(identities) if row[3] is None} == {name(ANN), name(BOB)}


def test_what_a_build_takes_back_before_anybody_saw_it_leaves_no_trace(identities: Warehouse) -> None:
    build(identities, [ANN, BOB])
    build(identities, [ANN, BOB], (ANN, BOB))
    # The same build once more, after its input was corrected.
    identities.fill([("a", ANN, 1), ("a", BOB, 2)], [])
    identities.builds -= 1
    identities.run("delete from ops.builds where build_id = 2")
    identities.run("alter table ops.builds alter build_id restart with 2")
    identities.build()
    assert periods(identities) == []
