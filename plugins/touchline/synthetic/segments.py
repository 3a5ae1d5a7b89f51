"""What each segment got and brought: promises kept to its customers, and sales, by the segment of the day."""

from collections import defaultdict
from datetime import UTC, date, datetime

from touchline.synthetic import world
from touchline.synthetic.people import Person
from touchline.synthetic.promises import Promise
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row
from touchline.synthetic.service import Case

NOBODY = "unknown"


class Segments:
    """Which segment a person is in on a day, by the memberships of their first entry in the CRM."""

    def __init__(self, people: list[Person], memberships: list[Row]) -> None:
        owners = {person.contact_id: person.number for person in people if person.contact_id}
        self._spans: dict[int, list[tuple[date, date, str]]] = defaultdict(list)
        for row in memberships:
            until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
            span = (date.fromisoformat(row["valid_from"]), until, row["segment_code"])
            self._spans[owners[row["contact_id"]]].append(span)

    def on(self, person: int, day: date) -> str:
        """The segment of that day, or unknown."""
        return next((code for since, until, code in self._spans[person] if since <= day < until), NOBODY)


def promises_by_segment(
    segments: Segments, promises: list[Promise], cases: list[Case], window: world.Window
) -> dict[str, dict[str, int]]:
    """Count by segment of the due day the promises due by the end of the window, and those kept."""
    persons = {case.case_id: case.contact.person.number for case in cases}
    truth: dict[str, dict[str, int]] = {}
    for promise in promises:
        person = promise.buyer if promise.buyer is not None else persons.get(promise.links["ref_id"])
        if promise.due_at > window.stop or person is None:
            continue
        counts = truth.setdefault(segments.on(person, _day(promise.due_at)), {"due": 0, "kept": 0})
        counts["due"] += 1
        counts["kept"] += promise.fulfilled_at is not None and promise.fulfilled_at <= promise.due_at
    return truth


def sales_by_segment(segments: Segments, sales: list[Sale], window: world.Window) -> dict[str, dict[str, int]]:
    """Count by segment of the day the sales of known people in whole months, and their cents without tax."""
    ends = datetime.fromtimestamp(window.stop, UTC).date().replace(day=1)
    truth: dict[str, dict[str, int]] = {}
    for sale in sales:
        local = datetime.fromtimestamp(sale.closed_at, sale.location.zone).date()
        if sale.return_of or sale.person is None or local >= ends:
            continue
        counts = truth.setdefault(segments.on(sale.person.number, local), {"sales": 0, "cents": 0})
        counts["sales"] += 1
        counts["cents"] += sum(line.net for line in sale.lines)
    return truth


def _day(epoch: int) -> date:
    return datetime.fromtimestamp(epoch, UTC).date()
