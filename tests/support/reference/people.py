"""Who is who in the plain cases: everything that shares an account, an identifier or a declared link is one person."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from support.reference.staged import Row, Staged, join_key

ACCOUNTS = ("customer", "contact")


@dataclass
class People:
    """Nodes of one brand. A person is named by the smallest of their nodes: opaque, but the same every time."""

    staged: Staged
    parent: dict[str, str] = field(default_factory=dict)
    sightings: list[tuple[str, str, str, datetime | None]] = field(default_factory=list)
    """(node, source, kind of source, instant)"""

    def person(self, node: str | None) -> str | None:
        if node is None or node not in self.parent:
            return None
        return f"{self.staged.brand}:{min(other for other in self.parent if self._root(other) == self._root(node))}"

    def everyone(self) -> dict[str, list[str]]:
        """Person → nodes."""
        nodes = defaultdict(list)
        for node in self.parent:
            nodes[self.person(node)].append(node)
        return {str(person): found for person, found in nodes.items()}

    def see(self, row: Row, node: str | None, at: datetime | None) -> None:
        if node is not None:
            self.parent.setdefault(node, node)
            self.sightings.append((node, row["_source"].source, row["_source"].kind, at))

    def join(self, left: str | None, right: str | None) -> None:
        if left is not None and right is not None:
            self.parent[self._root(left)] = self._root(right)

    def _root(self, node: str) -> str:
        while self.parent[node] != node:
            node = self.parent[node]
        return node


def contact_node(source: Any, contact_id: str | None) -> str | None:
    return join_key(source, "contact", contact_id) if contact_id is not None else None


def own_nodes(row: Row, staged: Staged) -> list[str | None]:
    """The nodes a sale or call names, strongest first."""
    source = row["_source"]
    account = join_key(source, "customer", row["customer_ref"])
    if source.kind == "pos":
        return [account, _named("loyalty", row["loyalty_id"]), _named("email", row["email"]), None]
    endpoint = row["customer_endpoint"]
    verified = contact_node(staged.source_of("crm"), row["verified_contact_id"])
    is_line = row["channel"] in ("voice", "sms")
    return [
        account,
        verified,
        _named("email", endpoint) if row["channel"] == "email" else None,
        _named("phone", endpoint) if is_line else None,
    ]


def first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _named(kind: str, value: str | None) -> str | None:
    return None if value is None else f"{kind}/{value}"


def resolve(staged: Staged) -> People:
    """See every node, then join what belongs together."""
    people = People(staged)
    crm = staged.source_of("crm")
    for row in staged.of("pos", "transactions"):
        _see_all(people, row, own_nodes(row, staged), row["closed_at"])
    for row in staged.of("call_center", "contacts"):
        _see_all(people, row, own_nodes(row, staged), row["initiated_at"])
    for row in staged.of("crm", "contacts"):
        source = row["_source"]
        own = contact_node(source, row["contact_id"])
        master = contact_node(source, row["master_contact_id"])
        nodes = [
            own,
            _named("loyalty", row["loyalty_id"]),
            _named("email", row["email"]),
            _named("phone", row["phone"]),
        ]
        _see_all(people, row, nodes, row["created_at"])
        people.see(row, master, row["created_at"])
        people.join(master, own)
    for entity in ("cases", "survey_responses", "segment_memberships"):
        for row in staged.of("crm", entity):
            at = first([row.get("created_at"), row.get("responded_at"), row.get("sent_at")])
            people.see(row, contact_node(crm, row["contact_id"]), at)
    for row in staged.of("crm", "contact_merges"):
        both = [contact_node(crm, row[name]) for name in ("surviving_id", "merged_id")]
        for node in both:
            people.see(row, node, row["merged_at"])
        if row["unmerged_at"] is None or row["unmerged_at"] > staged.as_of:
            people.join(*both)
    _join_references(people, staged)
    return people


def _see_all(people: People, row: Row, nodes: list[str | None], at: datetime | None) -> None:
    """Nodes on one record are one person's."""
    for node in nodes:
        people.see(row, node, at)
        people.join(first(nodes), node)


def _join_references(people: People, staged: Staged) -> None:
    """An order or a case that two people name is one person's."""
    sales = {row["transaction_id"]: row for row in staged.of("pos", "transactions")}
    cases = {row["case_id"]: row for row in staged.of("crm", "cases")}
    for case in cases.values():
        if case["order_ref"] in sales and staged.source_of("pos"):
            sale = first(own_nodes(sales[case["order_ref"]], staged))
            people.join(contact_node(case["_source"], case["contact_id"]), sale)
    for leg in staged.of("call_center", "contacts"):
        if leg["case_id"] in cases:
            case = cases[leg["case_id"]]
            people.join(first(own_nodes(leg, staged)), contact_node(case["_source"], case["contact_id"]))
