"""Survey invitations and answers: CSAT after a touch, and a recurring NPS survey."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.people import Person
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.voice import Leg

CSAT = {channel: Weighted(dict(enumerate(scores, start=1))) for channel, scores in world.CSAT_SCORES.items()}
NPS = Weighted(dict(enumerate(world.NPS_SCORES)))
CES = Weighted(dict(enumerate(world.CES_SCORES, start=1)))
COMMENTS = {
    False: ("Nobody called me back.", "It took far too long."),
    True: ("Friendly and quick.", "Thank you!"),
}


@dataclass
class Survey:
    """One invitation and its answer, if any; ``subject`` is the channel for CSAT, ``nps`` for NPS."""

    subject: str
    sent_at: int
    score: int | None
    row: Row


class SurveyDesk:
    """Draws invitations and answers; an answer after the window has not been given yet."""

    def __init__(self, rng: np.random.Generator, window: world.Window) -> None:
        self._rng = rng
        self._window = window
        self.surveys: list[Survey] = []

    def after_touch(self, person: Person | None, channel: str, ended_at: int, facts: Row) -> None:
        """Perhaps send a CSAT survey about a touch of that channel."""
        if person is None or person.contact_id is None:
            return
        if chance(self._rng, world.CSAT_SENT_SHARE[channel]):
            sent_at = ended_at + between(self._rng, 600, world.DAY)
            facts = facts | {"survey_type": "csat", "service_channel": channel}
            share = world.CSAT_ANSWER_SHARE[channel]
            self._send(person, channel, sent_at, share, CSAT[channel], (1, 5), facts)

    def relationship(self, person: Person) -> None:
        """Send the person the NPS survey every ``NPS_EVERY_DAYS`` days from a random first day."""
        if person.contact_id is None:
            return
        every = world.NPS_EVERY_DAYS * world.DAY
        first = person.joined_at + between(self._rng, 7 * world.DAY, every)
        for sent_at in range(first, self._window.stop, every):
            share = world.NPS_ANSWER_SHARE
            self._send(person, "nps", sent_at, share, NPS, (0, 10), {"survey_type": "nps"})

    def effort(self, person: Person, ended_at: int, facts: Row) -> None:
        """Perhaps ask how easy a call made it (CES 2.0, 1 to 7)."""
        if person.contact_id is not None and chance(self._rng, world.CES_SENT_SHARE):
            facts = facts | {"survey_type": "ces", "survey_version": "2.0", "service_channel": "phone"}
            sent_at = ended_at + between(self._rng, 600, world.DAY)
            self._send(person, "ces", sent_at, world.CES_ANSWER_SHARE, CES, (1, 7), facts)

    def _send(
        self,
        person: Person,
        subject: str,
        sent_at: int,
        answer_share: float,
        scores: Weighted[int],
        scale: tuple[int, int],
        facts: Row,
    ) -> None:
        rng = self._rng
        if sent_at >= self._window.stop:
            return
        answered = self._window.if_closed(sent_at + between(rng, 900, 3 * world.DAY))
        score = scores.draw(rng)
        if not chance(rng, answer_share) or answered is None:
            self.surveys.append(Survey(subject, sent_at, None, self._row(person, sent_at, scale) | facts))
            return
        comment = COMMENTS[score > sum(scale) / 2][between(rng, 0, 1)] if chance(rng, 0.1) else ""
        answer = {
            "responded_at": instant(answered),
            "score": number(score),
            "comment": comment,
            "source_updated_at": instant(answered),
        }
        row = self._row(person, sent_at, scale) | facts | answer
        self.surveys.append(Survey(subject, sent_at, score, row))

    def _row(self, person: Person, sent_at: int, scale: tuple[int, int]) -> Row:
        return {
            "survey_version": "v1",
            "contact_id": person.contact_id or "",
            "sent_at": instant(sent_at),
            "survey_channel": "sms" if chance(self._rng, 0.2) else "email",
            "scale_min": number(scale[0]),
            "scale_max": number(scale[1]),
            "higher_is_better": flag(True),
            "source_updated_at": instant(sent_at),
            "is_deleted": flag(False),
        }


def make_surveys(
    people: list[Person], sales: list[Sale], legs: list[Leg], rng: np.random.Generator, window: world.Window
) -> list[Survey]:
    """Draw all surveys in order of sending, with their ids."""
    desk = SurveyDesk(rng, window)
    for sale in sales:
        if sale.channel in CSAT and not sale.return_of:
            facts = {"touchpoint_ref_type": "transaction", "touchpoint_ref_id": sale.transaction_id}
            place = {"location_id": sale.location.location_id}
            desk.after_touch(sale.person, sale.channel, sale.closed_at, facts | place)
    for leg in legs:
        if leg.contact and not leg.next:
            facts = {"touchpoint_ref_type": "call_contact", "touchpoint_ref_id": leg.leg_id}
            desk.after_touch(leg.contact.person, "phone", leg.ended_at, facts | {"queue_id": leg.queue_id})
    for person in people:
        desk.relationship(person)
    desk.surveys.sort(key=lambda survey: survey.sent_at)
    for position, survey in enumerate(desk.surveys, start=1):
        survey.row["response_id"] = f"SR{position:07d}"
    return desk.surveys


def make_effort_surveys(legs: list[Leg], rng: np.random.Generator, window: world.Window) -> list[Survey]:
    """Draw the surveys of effort after calls in order of sending, with their ids."""
    desk = SurveyDesk(rng, window)
    for leg in legs:
        if leg.contact and not leg.next:
            facts = {"touchpoint_ref_type": "call_contact", "touchpoint_ref_id": leg.leg_id, "queue_id": leg.queue_id}
            desk.effort(leg.contact.person, leg.ended_at, facts)
    desk.surveys.sort(key=lambda survey: survey.sent_at)
    for position, survey in enumerate(desk.surveys, start=1):
        survey.row["response_id"] = f"SE{position:07d}"
    return desk.surveys


def survey_truth(surveys: list[Survey]) -> dict[str, dict[str, int | list[int]]]:
    """Count invitations and answers per score, by CSAT channel, for NPS and for CES."""
    scales = {channel: range(1, 6) for channel in CSAT} | {"nps": range(11), "ces": range(1, 8)}
    truth: dict[str, dict[str, int | list[int]]] = {}
    for subject, scale in scales.items():
        scores = [survey.score for survey in surveys if survey.subject == subject]
        counts = [scores.count(score) for score in scale]
        truth[subject] = {"sent": len(scores), "answered": sum(counts), "score_counts": counts}
    return truth
