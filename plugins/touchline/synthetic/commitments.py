"""Who is bound to come again by contract or prepayment, and how the first quarter-years of customers turned out."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from touchline.synthetic import world
from touchline.synthetic.people import Person
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, day, flag, instant


def is_bound(person: Person) -> bool:
    """Whether the person is one of every so many contacts who bind themselves with the first purchase."""
    return person.contact_id is not None and person.number % world.BOUND_EVERY == 0


def commitment_rows(people: list[Person]) -> list[Row]:
    """Return one commitment a bound person; being bound changes nothing about what they buy."""
    return [
        {
            "contact_id": person.contact_id or "",
            "kind": "prepaid" if person.number % (2 * world.BOUND_EVERY) else "contract",
            "valid_from": day(person.joined_at),
            "valid_to": day(person.joined_at + world.BOUND_DAYS * world.DAY),
            "source_updated_at": instant(person.joined_at),
            "is_deleted": flag(False),
        }
        for person in people
        if is_bound(person)
    ]


def flywheel_truth(sales: list[Sale], window: world.Window, days: int) -> dict[str, dict[str, int]]:
    """Count, by quarter of first purchases that is judged, who came again in their first days, and cents with tax."""
    bought: dict[int, list[tuple[date, int]]] = defaultdict(list)
    bound: set[int] = set()
    for sale in sales:
        if sale.person and not sale.return_of:
            local = datetime.fromtimestamp(sale.closed_at, sale.location.zone).date()
            net = sum(line.net for line in sale.lines)
            bought[sale.person.number].append((local, net + round(net * world.TAX_RATE)))
            bound |= {sale.person.number} if is_bound(sale.person) else set()
    open_day = datetime.fromtimestamp(window.stop, UTC).date()
    truth: dict[str, dict[str, int]] = {}
    for number, own in bought.items():
        first = min(local for local, _ in own)
        begins, ends = _quarter(first)
        if ends + timedelta(days=days - 1) > open_day:
            continue
        seen = [(local, cents) for local, cents in own if local < first + timedelta(days=days)]
        counts = truth.setdefault(
            begins.isoformat(), dict.fromkeys(("customers", "came_back", "bound", "bound_came_back", "cents"), 0)
        )
        came_back = any(local > first for local, _ in seen)
        counts["customers"] += 1
        counts["came_back"] += came_back
        counts["bound"] += number in bound
        counts["bound_came_back"] += came_back and number in bound
        counts["cents"] += sum(cents for _, cents in seen)
    return truth


def _quarter(local: date) -> tuple[date, date]:
    """The first day of the quarter that holds a day, and of the next one."""
    starts = [date(local.year, month, 1) for month in (1, 4, 7, 10)] + [date(local.year + 1, 1, 1)]
    return next((begins, ends) for begins, ends in pairwise(starts) if local < ends)
