"""Pairwise precision and recall of resolved identities against the generator's truth."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchline.contracts import PersonalKind
from touchline.landing.tokens import Tokeniser

PREFIXES = {
    "loyalty_id": "loyalty",
    "store_pos.customer_ref": "store_pos/customer",
    "service_crm.contact_id": "service_crm/contact",
}


@dataclass(frozen=True)
class Pairs:
    """Pairs of keys: put into one customer, of them of one person, and of one person as far as the exports connect."""

    found: int
    right: int
    connected: int

    @property
    def precision(self) -> float:
        return self.right / self.found

    @property
    def recall(self) -> float:
        return self.right / self.connected


def count_pairs(truth: Mapping[str, Any], customer_of: Mapping[str, str], token_key: bytes) -> Pairs:
    """`truth` is the section `identity` of truth.json, `customer_of` the customer of each node."""
    tokeniser = Tokeniser(token_key, "US")

    def node(key: str) -> str:
        kind, value = key.split(":", 1)
        if kind in PREFIXES:
            return f"{PREFIXES[kind]}/{value}"
        return f"phone/{tokeniser.token(PersonalKind.PHONE, value)[0]}"

    person_of = {node(key): number for number, keys in enumerate(truth["people"]) for key in keys}
    customers: dict[str, Counter[int]] = {}
    for name, customer in customer_of.items():
        if name in person_of:
            customers.setdefault(customer, Counter())[person_of[name]] += 1
    # What the exports connect at all: a split person's parts cannot be joined by any evidence.
    parts = [part for split in truth["split"] for part in split]
    split_people = {person_of[node(part[0])] for part in parts}
    whole = [keys for number, keys in enumerate(truth["people"]) if number not in split_people]
    return Pairs(
        found=sum(_pairs(sum(people.values())) for people in customers.values()),
        right=sum(_pairs(count) for people in customers.values() for count in people.values()),
        connected=sum(_pairs(len(keys)) for keys in [*whole, *parts]),
    )


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
