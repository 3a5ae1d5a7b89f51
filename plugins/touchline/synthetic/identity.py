"""The true partition of identifiers into people, and which of them the exports' evidence connects."""

from collections.abc import Iterable

from touchline.synthetic.crm import Directory
from touchline.synthetic.people import Person
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row
from touchline.synthetic.service import Case
from touchline.synthetic.voice import Leg

CUSTOMER, LOYALTY = "store_pos.customer_ref:", "loyalty_id:"
CONTACT, ENDPOINT = "service_crm.contact_id:", "voice_center.customer_endpoint:"


class Evidence:
    """Groups of identifiers per person, joined wherever one record shows two of them together."""

    def __init__(self) -> None:
        self._groups: dict[int, list[set[str]]] = {}

    def seen(self, person: Person, identifiers: Iterable[str]) -> None:
        """Record that one record of the person carries all these identifiers."""
        merged = {identifier for identifier in identifiers if identifier}
        apart: list[set[str]] = []
        for group in self._groups.get(person.number, []):
            if group.isdisjoint(merged):
                apart.append(group)
            else:
                merged |= group
        self._groups[person.number] = [*apart, merged] if merged else apart

    def groups_of(self, person: Person) -> list[list[str]]:
        """Return the person's connected groups, without the own e-mail and phone that connect them."""
        values = {person.email, person.phone}
        groups = [sorted(group - values) for group in self._groups.get(person.number, [])]
        return sorted(group for group in groups if group)


def identity_truth(
    people: list[Person],
    sales: list[tuple[Sale, Row]],
    directory: Directory,
    cases: list[Case],
    legs: list[tuple[Leg, Row]],
) -> dict[str, object]:
    """Return ``people`` (all identifiers per person) and ``split`` (those whose evidence does not connect).

    Mistyped values are planted later and are not taken into account.
    """
    evidence = Evidence()
    for sale, row in sales:
        if sale.person:
            evidence.seen(sale.person, _of_sale(sale.person, row))
    owners = {person.contact_id: person for person in people if person.contact_id}
    owners |= {person.second_contact_id: person for person in people if person.second_contact_id}
    for row in directory.contacts:
        owner = owners[row["contact_id"]]
        evidence.seen(owner, _of_contact(owner, row))
    for case in cases:
        order = CUSTOMER + case.contact.person.customer_ref if case.order else ""
        evidence.seen(case.contact.person, (CONTACT + case.contact_id, order))
    cases_by_id = {case.case_id: case for case in cases}
    by_phone = {person.phone: person for person in people}
    for leg, row in legs:
        if leg.endpoint:
            evidence.seen(by_phone[leg.endpoint], _of_leg(leg, row, cases_by_id))
    groups = [evidence.groups_of(person) for person in people]
    return {
        "people": [sorted(identifier for group in own for identifier in group) for own in groups],
        "split": [own for own in groups if len(own) > 1],
    }


def _of_sale(person: Person, row: Row) -> list[str]:
    loyalty = LOYALTY + person.loyalty_id if row.get("loyalty_id") and person.loyalty_id else ""
    email = person.email if row.get("email", "").strip().lower() == person.email else ""
    # A phone may be typed in many ways, but its digits end alike.
    digits = "".join(filter(str.isdigit, row.get("phone", "")))
    phone = person.phone if digits and person.phone.endswith(digits[-10:]) else ""
    return [CUSTOMER + person.customer_ref, loyalty, email, phone]


def _of_contact(person: Person, row: Row) -> list[str]:
    is_second = row["contact_id"] == person.second_contact_id
    has_own_email = row["email"].strip().lower() == person.email
    return [
        CONTACT + row["contact_id"],
        LOYALTY + row["loyalty_id"] if row["loyalty_id"] else "",
        person.email if has_own_email else "",
        person.phone if row["phone"] and person.is_phone_known else "",
        CONTACT + (person.contact_id or "") if is_second and row.get("master_contact_id") else "",
    ]


def _of_leg(leg: Leg, row: Row, cases: dict[str, Case]) -> list[str]:
    verified = row.get("verified_contact_id", "")
    case = cases.get(row["case_id"])
    return [
        ENDPOINT + leg.endpoint,
        leg.endpoint,
        CONTACT + verified if verified else "",
        CONTACT + case.contact_id if case else "",
    ]
