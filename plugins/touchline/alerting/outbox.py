"""The outbox: messages wait in `ops.outbox` until their channels have taken them, or somebody else's second channel."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Row, text

from touchline.alerting import channels
from touchline.alerting.alerts import DEFAULT_ROUTE, instant
from touchline.alerting.routes import channels_for
from touchline.settings import Settings

log = logging.getLogger(__name__)

PATIENCE = timedelta(days=3)
"""A message that no channel took for so long is given up; its incident stays in the list and in the digest."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

_WAITING = text("select message_id from ops.outbox where closed_at is null and next_attempt_at <= now() order by 1")
_TAKE = text("""
    select outbox.*, coalesce(incidents.severity, outbox.severity) as meant_for
    from ops.outbox left join ops.incidents using (incident_id)
    where message_id = :message_id and closed_at is null
    for update of outbox skip locked
""")
_CLOSE = text("""
    update ops.outbox
    set closed_at = now(), outcome = :outcome, attempts = attempts + 1, taken_by = :taken_by, last_error = :error
    where message_id = :message_id
""")
_POSTPONE = text("""
    update ops.outbox
    set attempts = attempts + 1, taken_by = :taken_by, last_error = :error, next_attempt_at = now() + :pause
    where message_id = :message_id
""")
_DAY = text("""
    select incident_id, state, severity, route, title, owner, opened_at, times_seen, last_seen_at
    from ops.incidents where state <> 'resolved' or resolved_at > now() - interval '1 day'
    order by state <> 'resolved' desc, severity, incident_id
""")
_WRITE_DIGEST = text("""
    insert into ops.outbox (event, route, severity, title, body) values ('digest', :route, 'digest', :title, :body)
    on conflict do nothing
""")


@dataclass
class Round:
    """One round of deliveries: how many messages were closed how, and why others wait."""

    delivered: int = 0
    no_channel: int = 0
    given_up: int = 0
    waiting: int = 0
    failures: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    """Fingerprints of channels that did not answer in this round; they are not asked again in it."""


def deliver(engine: Engine, settings: Settings) -> Round:
    """Deliver what is due, each message in a transaction of its own; two at once share the messages.

    A process that dies between sending and its commit sends once more: a message comes at least once.
    """
    found = Round()
    with engine.connect() as connection:
        waiting = connection.scalars(_WAITING).all()
    for message_id in waiting:
        with engine.begin() as connection:
            message = connection.execute(_TAKE, {"message_id": message_id}).first()
            if message is not None:
                _deliver(connection, settings, message, found)
    return found


def write_digests(engine: Engine, settings: Settings) -> int:
    """Write the day's digest for each route with open incidents, or some resolved since yesterday; how many.

    Once a day (UTC) and route: asking again does nothing.
    """
    with engine.begin() as connection:
        rows = connection.execute(_DAY).all()
        routes = sorted({row.route if row.route in settings.alert_routes else DEFAULT_ROUTE for row in rows})
        return sum(_write_digest(connection, settings, route, rows) for route in routes)


def _deliver(connection: Connection, settings: Settings, message: Row[Any], found: Round) -> None:
    to = channels_for(settings, message.route, message.meant_for)
    sent = channels.Message(message.title, message.body, message.severity)
    taken, errors = set(message.taken_by), list[str]()
    for url in to.first:
        if channels.fingerprint(url) not in taken:
            _send(sent, url, taken, errors, found)
    has_all = taken.issuperset(map(channels.fingerprint, to.first))
    if not has_all:
        has_all = _send_to_second(sent, to.second, taken, errors, found)
    found.failures += errors
    values = {"message_id": message.message_id, "taken_by": sorted(taken), "error": "; ".join(errors) or None}
    if not to.first and not to.second:
        log.warning("alert '%s' has no channel\n%s", message.title, message.body)
        connection.execute(_CLOSE, values | {"outcome": "no_channel"})
        found.no_channel += 1
    elif has_all:
        connection.execute(_CLOSE, values | {"outcome": "delivered"})
        found.delivered += 1
    elif datetime.now(UTC) - message.created_at > PATIENCE:
        log.error("alert '%s' was given up: %s", message.title, values["error"])
        connection.execute(_CLOSE, values | {"outcome": "given_up"})
        found.given_up += 1
    else:
        log.error("alert '%s' waits for a channel: %s", message.title, values["error"])
        pause = min(FIRST_PAUSE * 2 ** min(message.attempts, 10), LONGEST_PAUSE)
        connection.execute(_POSTPONE, values | {"pause": pause})
        found.waiting += 1


def _send_to_second(
    sent: channels.Message, urls: Iterable[SecretStr], taken: set[str], errors: list[str], found: Round
) -> bool:
    """Whether a second channel took it, now or in an earlier round."""
    second = list(urls)
    if not taken.isdisjoint(map(channels.fingerprint, second)):
        return True
    return any(_send(sent, url, taken, errors, found) for url in second)


def _send(sent: channels.Message, url: SecretStr, taken: set[str], errors: list[str], found: Round) -> bool:
    name = channels.fingerprint(url)
    if name in found.silent:
        errors.append("a channel that did not answer this round's earlier message")
        return False
    if error := channels.send(sent, url):
        found.silent.add(name)
        errors.append(error)
        return False
    taken.add(name)
    return True


def _write_digest(connection: Connection, settings: Settings, route: str, rows: Iterable[Row[Any]]) -> int:
    def belongs(row: Row[Any]) -> bool:
        return bool(row.route == route or (route == DEFAULT_ROUTE and row.route not in settings.alert_routes))

    own = [row for row in rows if belongs(row)]
    still = [row for row in own if row.state != "resolved"]
    lines = [
        f"#{row.incident_id} {row.state}, {row.severity}: {row.title} ({row.owner}), since {instant(row.opened_at)},"
        f" seen {row.times_seen} time(s), last on {instant(row.last_seen_at)}"
        for row in own
    ]
    title = f"Touchline, {datetime.now(UTC):%Y-%m-%d}: {len(still)} open, {len(own) - len(still)} resolved"
    body = "\n".join([*lines, "", "`touchline incidents show <number>` has the details."])
    return connection.execute(_WRITE_DIGEST, {"route": route, "title": title, "body": body}).rowcount
