"""What people write in public after their matters are over: more often, and worse, where one contact was not enough."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance, pick
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.threads import Contact

REVIEW_SHARE = {"good": 0.10, "bad": 0.30}
"""P(a contact of the CRM reviews a matter that is over): good after one contact, bad where they had to come back."""
RATINGS = {"good": (0.02, 0.03, 0.10, 0.30, 0.55), "bad": (0.45, 0.30, 0.15, 0.06, 0.04)}
"""P(1 to 5 stars)."""
NEGATIVE_UP_TO, STARS = 2, 5
UNKNOWN_SHARE, COMMENT_SHARE, MEDIA_SHARE = 0.20, 0.70, 0.25
"""P(nobody knows who wrote it), P(it has a text), P(it has pictures)."""
ANSWER_SHARE = {"negative": 0.60, "other": 0.20}
"""P(the company answers) within `ANSWER_HOURS`, each second from the first hour on equally likely."""
POSTED_DAYS, ANSWER_HOURS, OVER_DAYS = 3, 48, 30
TEXTS = {True: ("Took far too long.", "Had to call twice."), False: ("Friendly and quick.", "All went well.")}

STARS_AFTER = {experience: Weighted(dict(enumerate(shares, start=1))) for experience, shares in RATINGS.items()}
COUNTS = (
    "posted",
    "known",
    "known_over",
    "comments",
    "media",
    "negative",
    "negative_judged",
    "negative_answered",
    "answer_seconds",
)


@dataclass
class Reviews:
    """Reviews as export rows; matters and reviews by experience, reviews by stars, and what became of them."""

    rows: list[Row] = field(default_factory=list)
    matters: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: {"judged": 0, "reviewed": 0} for name in REVIEW_SHARE}
    )
    stars: list[int] = field(default_factory=lambda: [0] * STARS)
    realised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))


def write_reviews(contacts: list[Contact], rng: np.random.Generator, window: world.Window) -> Reviews:
    """Draw who reviews a matter within `POSTED_DAYS` of its last contact, and what the company answers.

    Matters whose days have passed are judged; of negative reviews, those whose hours to be answered have.
    """
    found = Reviews()
    for last in contacts:
        if last.next or last.person.contact_id is None:
            continue
        experience = "bad" if last.previous else "good"
        posted_at = last.ended_at + between(rng, world.HOUR, POSTED_DAYS * world.DAY)
        writes = chance(rng, REVIEW_SHARE[experience])
        if last.ended_at + POSTED_DAYS * world.DAY <= window.stop:
            found.matters[experience]["judged"] += 1
            found.matters[experience]["reviewed"] += writes
        if writes and posted_at < window.stop:
            _write(found, last, STARS_AFTER[experience].draw(rng), posted_at, rng, window)
    found.rows.sort(key=lambda row: row["posted_at"])
    for position, row in enumerate(found.rows, start=1):
        row["review_id"] = f"RV{position:06d}"
    return found


def _write(
    found: Reviews, last: Contact, stars: int, posted_at: int, rng: np.random.Generator, window: world.Window
) -> None:
    is_negative = stars <= NEGATIVE_UP_TO
    is_known, has_text = not chance(rng, UNKNOWN_SHARE), chance(rng, COMMENT_SHARE)
    has_media, is_of_place = chance(rng, MEDIA_SHARE), chance(rng, 0.5)
    text = TEXTS[is_negative][between(rng, 0, 1)]
    answered_at = posted_at + between(rng, world.HOUR, ANSWER_HOURS * world.HOUR)
    answers = chance(rng, ANSWER_SHARE["negative" if is_negative else "other"])
    known = window.if_closed(answered_at) if answers else None
    found.rows.append(
        {
            "platform": "maps" if is_of_place else pick(rng, ("shop_ratings", "trust_board")),
            "rating": number(stars),
            "scale_max": number(STARS),
            "posted_at": instant(posted_at),
            "contact_id": (last.person.contact_id or "") if is_known else "",
            "location_id": last.person.home_store.location_id if is_of_place else "",
            "body": text if has_text else "",
            "responded_at": instant(known),
            "has_media": flag(has_media),
            "source_updated_at": instant(known or posted_at),
            "is_deleted": flag(False),
        }
    )
    is_judged = is_negative and posted_at + ANSWER_HOURS * world.HOUR <= window.stop
    found.stars[stars - 1] += 1
    for name, count in {
        "posted": 1,
        "known": is_known,
        # written about matters whose thirty days are over
        "known_over": is_known and last.ended_at + OVER_DAYS * world.DAY <= window.stop,
        "comments": has_text,
        "media": has_media,
        "negative": is_negative,
        "negative_judged": is_judged,
        "negative_answered": is_judged and answers,
        "answer_seconds": (answered_at - posted_at) if is_judged and answers else 0,
    }.items():
        found.realised[name] += count


def review_truth(reviews: Reviews) -> dict[str, object]:
    """Return the parameters of reviews beside what was drawn with them."""
    return {
        "planted": {
            "reviewed": REVIEW_SHARE,
            "stars": RATINGS,
            "known": 1 - UNKNOWN_SHARE,
            "comment": COMMENT_SHARE,
            "media": MEDIA_SHARE,
            "answered": ANSWER_SHARE,
            "answer_seconds": (1 + ANSWER_HOURS) * world.HOUR / 2,
        },
        "realised": reviews.realised | {"matters": reviews.matters, "stars": reviews.stars},
    }
