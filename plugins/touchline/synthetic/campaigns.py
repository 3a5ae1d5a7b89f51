"""Campaign messages to contacts who agreed to them, and who refuses further ones: the oftener the likelier."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.render import Row, flag, instant

LEVELS = Weighted(world.CAMPAIGN_LEVELS)
CHANNELS = Weighted({"email": 0.8, "sms": 0.2})


@dataclass
class Campaigns:
    """The messages as export rows, and months of contacts by number of messages: seen through, then refused."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, dict[str, int]] = field(default_factory=dict)


def run_campaigns(contacts: list[Row], rng: np.random.Generator, window: world.Window) -> Campaigns:
    """Draw the messages of whole months; a refusal is written into the contact's row, in the month after."""
    campaigns = Campaigns()
    months = _months(window)
    for contact in contacts:
        level = LEVELS.draw(rng)
        if contact["consent_marketing"] != flag(True) or contact.get("master_contact_id"):
            continue
        created = int(datetime.fromisoformat(contact["created_at"]).timestamp())
        for (start, stop), (_, end) in pairwise(months):
            if created >= start:
                continue
            _send(campaigns, contact, level, (start, stop), rng)
            counts = campaigns.realised.setdefault(str(level), {"months": 0, "refused": 0})
            counts["months"] += 1
            if chance(rng, world.REFUSES_AFTER[level]):
                # in the middle of the month, whatever the zone
                refused_at = between(rng, stop + 2 * world.DAY, end - 2 * world.DAY)
                contact["consent_marketing"] = flag(False)
                contact["source_updated_at"] = instant(refused_at)
                counts["refused"] += 1
                break
    return campaigns


def _send(campaigns: Campaigns, contact: Row, level: int, month: tuple[int, int], rng: np.random.Generator) -> None:
    start, stop = month
    for _ in range(level):
        at = between(rng, start + 2 * world.DAY, stop - 2 * world.DAY)
        campaigns.rows.append(
            {
                "touch_id": f"CT{len(campaigns.rows) + 1:07d}",
                "contact_id": contact["contact_id"],
                "channel": CHANNELS.draw(rng),
                "touched_at": instant(at),
                "source_updated_at": instant(at),
                "is_deleted": flag(False),
            }
        )


def _months(window: world.Window) -> list[tuple[int, int]]:
    """Start and end of the whole UTC months of the window."""
    starts = []
    year, month = datetime.fromtimestamp(window.start, UTC).year, datetime.fromtimestamp(window.start, UTC).month
    while (start := int(datetime(year, month, 1, tzinfo=UTC).timestamp())) <= window.stop:
        starts.append(start)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return [(start, stop) for start, stop in pairwise(starts) if start >= window.start]
