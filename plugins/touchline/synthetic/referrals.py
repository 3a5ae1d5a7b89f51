"""Who recommends us to whom: some of those recommended come, and make their first purchase soon."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.people import Person
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag, instant

REFERRER_SHARE, CONVERTED_SHARE = 0.60, 0.35
"""P(a contact recommends us, once or twice), P(somebody comes because of it)."""
REFERRAL_DAYS = 60
"""Who comes does so within these days; referrals that old at the end are judged."""


@dataclass
class Referrals:
    """Referrals as export rows; how many were made, are old enough to be judged, and of these brought a customer."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("made", "judged", "converted"), 0))


def make_referrals(
    people: list[Person], sales: list[Sale], rng: np.random.Generator, window: world.Window
) -> Referrals:
    """Draw the referrals of contacts; who is brought is one of those whose first purchase lies in the days after."""
    first = {sale.person.number: sale for sale in reversed(sales) if sale.person and not sale.return_of}
    joined = sorted((person for person in people if person.number in first), key=lambda person: person.joined_at)
    instants = [person.joined_at for person in joined]
    found = Referrals()
    for person in people:
        if person.contact_id is None or person.joined_at >= window.stop - 1 or not chance(rng, REFERRER_SHARE):
            continue
        for _ in range(between(rng, 1, 2)):
            at = between(rng, person.joined_at, window.stop - 1)
            until = at + (REFERRAL_DAYS - 1) * world.DAY
            newcomers = joined[bisect_right(instants, at) : bisect_left(instants, until)]
            brought = pick(rng, newcomers) if newcomers and chance(rng, CONVERTED_SHARE) else None
            _add(found, person, at, brought, first)
            is_judged = at + REFERRAL_DAYS * world.DAY <= window.stop
            found.realised["made"] += 1
            found.realised["judged"] += is_judged
            found.realised["converted"] += is_judged and brought is not None
    return found


def _add(found: Referrals, person: Person, at: int, brought: Person | None, first: dict[int, Sale]) -> None:
    sale = first[brought.number] if brought else None
    found.rows.append(
        {
            "referral_id": f"RF{len(found.rows) + 1:06d}",
            "referrer_contact_id": person.contact_id or "",
            "referred_contact_id": (brought.contact_id or "") if brought else "",
            "referred_at": instant(at),
            "converted_transaction_id": sale.transaction_id if sale else "",
            "source_updated_at": instant(sale.closed_at if sale else at),
            "is_deleted": flag(False),
        }
    )
