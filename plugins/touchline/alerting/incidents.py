"""Incidents: one open entry per cause in `ops.incidents`, and the messages that tell of it in `ops.outbox`.

Incident and message are written in one transaction; `outbox` delivers what is written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from touchline.alerting.alerts import Alert, instant
from touchline.errors import TouchlineError

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:cause, 13))")
_KNOWN = text("select incident_id, severity, faults from ops.incidents where cause = :cause and state <> 'resolved'")
# What somebody resolved by hand is over: seen again, it is another incident.
_GONE_LATELY = text("""
    update ops.incidents set
        state = case when acknowledged_at is null then 'open' else 'acknowledged' end,
        resolved_at = null, resolved_by = null, times_reopened = times_reopened + 1
    where incident_id = (
        select incident_id from ops.incidents
        where cause = :cause and state = 'resolved' and resolved_by = :touchline and resolved_at > now() - :window
        order by incident_id desc limit 1
    )
    returning incident_id, severity, faults, times_reopened
""")
_UNSAY = text("""
    delete from ops.outbox
    where incident_id = :incident_id and event = 'resolved' and closed_at is null and attempts = 0
""")
_OPEN = text("""
    insert into ops.incidents (
        kind, cause, severity, route, title, what, place, how_many, example_keys, owner, next_step, runbook, faults
    ) values (
        :kind, :cause, :severity, :route, :title, :what, :place, :how_many, :example_keys, :owner, :next_step,
        :runbook, :faults
    )
    returning incident_id, opened_at, times_seen, times_reopened
""")
# What is new of an acknowledged incident opens it again: nobody has acknowledged that.
_FOLD = text("""
    update ops.incidents set
        severity = :severity, route = :route, title = :title, what = :what, place = :place, how_many = :how_many,
        example_keys = :example_keys, owner = :owner, next_step = :next_step, runbook = :runbook,
        faults = array(select distinct fault from unnest(faults || cast(:faults as text[])) as fault),
        state = case when :is_news then 'open' else state end,
        last_seen_at = now(), times_seen = times_seen + 1
    where incident_id = :incident_id
    returning incident_id, opened_at, times_seen, times_reopened
""")
_MESSAGE = text("""
    insert into ops.outbox (incident_id, event, route, severity, title, body, next_attempt_at)
    values (:incident_id, :event, :route, :severity, :title, :body, now() + :pause)
""")
_RESOLVE = text("""
    update ops.incidents set state = 'resolved', resolved_at = now(), resolved_by = :by, note = coalesce(:note, note)
    where state <> 'resolved' and (cause = any(:causes) or incident_id = :incident_id)
        and last_seen_at < coalesce(:before, 'infinity'::timestamptz)
    returning *
""")
_ACKNOWLEDGE = text("""
    update ops.incidents
    set state = 'acknowledged', acknowledged_at = now(), acknowledged_by = :by, note = coalesce(:note, note)
    where incident_id = :incident_id and state <> 'resolved'
    returning incident_id
""")
_LIST = text("""
    select incident_id, state, severity, kind, title, owner, opened_at, last_seen_at, times_seen, times_reopened
    from ops.incidents where :is_all or state <> 'resolved' order by incident_id desc
""")
_SHOW = text("select * from ops.incidents where incident_id = :incident_id")
_MESSAGES = text("""
    select message_id, event, created_at, attempts, coalesce(outcome, 'waiting') as outcome, closed_at, last_error
    from ops.outbox where incident_id = :incident_id order by message_id
""")


FLAPPING = timedelta(hours=1)
"""What is seen again so soon after it was gone has not been gone. Sources are polled and alerts delivered several times
an hour, so that a cause that comes and goes is met within it; and nobody learns later than that it is over."""
_TOUCHLINE = "touchline"


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an alert; `is_told` if a message was written."""

    incident_id: int
    times_seen: int
    is_told: bool


def enter(engine: Engine, alert: Alert, runbook: str, *, is_told: bool = False) -> Entry:
    """Open the incident of this cause, or fold the alert into the one that is open.

    A repeat is told only if it brings a fault that was not told yet, or if a warning has become critical; one that was
    gone and is back within the hour is told the first time, as flapping. Nothing is told of an alert that has been
    (`is_told`) while the warehouse was away.
    """
    with engine.begin() as connection:
        connection.execute(_LOCK, {"cause": alert.cause})
        known = connection.execute(_KNOWN, {"cause": alert.cause}).first()
        back = _reopened(connection, alert) if known is None else None
        known = known or back
        is_news = known is None or _is_news(known, alert) or (back is not None and back.times_reopened == 1)
        values = _columns(alert, runbook)
        if known is None:
            row = connection.execute(_OPEN, values).one()
        else:
            fold = values | {"incident_id": known.incident_id, "is_news": is_news}
            row = connection.execute(_FOLD, fold).one()
        if is_news and not is_told:
            body = alert.body(row.opened_at, runbook)
            if row.times_reopened:
                body += f"\n{_flapping(row)}"
                values |= {"title": f"Flapping: {alert.title}"}
            elif known is not None:
                body += f"\nSeen: {row.times_seen} times; told again because something has changed"
            _write(connection, row.incident_id, "changed" if known else "opened", alert.severity, body, values)
    return Entry(row.incident_id, row.times_seen, is_news and not is_told)


def resolve_causes(engine: Engine, causes: Iterable[str], before: datetime | None = None) -> int:
    """Resolve what is open of these causes, since they are gone; the number of incidents.

    What was seen at `before` or later stays: that is when the causes were known to be gone.
    """
    values = {"causes": list(causes), "incident_id": None, "by": _TOUCHLINE, "note": None, "before": before}
    with engine.begin() as connection:
        return len(_resolve(connection, values, "the cause is gone"))


def resolve(engine: Engine, incident_id: int, by: str, note: str | None) -> None:
    """Resolve an incident by hand; the next time its cause is seen, another one is opened."""
    values = {"causes": [], "incident_id": incident_id, "by": by, "note": note, "before": None}
    with engine.begin() as connection:
        if not _resolve(connection, values, f"by {by}" + (f": {note}" if note else "")):
            raise _not_open(incident_id)


def acknowledge(engine: Engine, incident_id: int, by: str, note: str | None) -> None:
    """Somebody has taken it on: it stays until its cause is gone, and repeats go on being folded."""
    with engine.begin() as connection:
        values = {"incident_id": incident_id, "by": by, "note": note}
        if connection.execute(_ACKNOWLEDGE, values).first() is None:
            raise _not_open(incident_id)


def listed(engine: Engine, *, is_all: bool = False) -> list[dict[str, Any]]:
    """Incidents that are not resolved, newest first; with `is_all` the others, too."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(_LIST, {"is_all": is_all}).mappings()]


def shown(engine: Engine, incident_id: int) -> dict[str, Any]:
    """One incident with its messages; raises TouchlineError if there is none of that number."""
    with engine.connect() as connection:
        found = connection.execute(_SHOW, {"incident_id": incident_id}).mappings().first()
        if found is None:
            todo = "see `touchline incidents list --all`"
            raise TouchlineError(f"There is no incident {incident_id}", where="ops.incidents", todo=todo)
        messages = connection.execute(_MESSAGES, {"incident_id": incident_id}).mappings()
        return dict(found) | {"messages": [dict(row) for row in messages]}


def _reopened(connection: Connection, alert: Alert) -> Row[Any] | None:
    """The incident of this cause that was gone for less than an hour, open again; the notice of its end is unsaid."""
    values = {"cause": alert.cause, "touchline": _TOUCHLINE, "window": FLAPPING}
    row = connection.execute(_GONE_LATELY, values).first()
    if row is not None:
        connection.execute(_UNSAY, {"incident_id": row.incident_id})
    return row


def _flapping(row: Row[Any]) -> str:
    return f"Flapping: {row.times_reopened} time(s) gone and back; told again when it has been gone for an hour"


def _is_news(known: Row[Any], alert: Alert) -> bool:
    return bool(alert.faults - set(known.faults)) or (alert.severity, known.severity) == ("critical", "warning")


def _columns(alert: Alert, runbook: str) -> dict[str, Any]:
    return {
        "kind": alert.kind.value,
        "cause": alert.cause,
        "severity": alert.severity,
        "route": alert.route,
        "title": alert.title,
        "what": alert.what,
        "place": alert.where,
        "how_many": alert.how_many,
        "example_keys": list(alert.example_keys),
        "owner": alert.owner,
        "next_step": alert.next_step,
        "runbook": f"{runbook}#{alert.kind}",
        "faults": sorted(alert.faults),
    }


def _resolve(connection: Connection, values: dict[str, Any], why: str) -> list[Row[Any]]:
    rows = list(connection.execute(_RESOLVE, values))
    for row in rows:
        lines = [
            f"What: {why}",
            f"Where: {row.place}",
            f"How many: seen {row.times_seen} time(s), last on {instant(row.last_seen_at)}",
            f"Since: {instant(row.opened_at)}, until {instant(row.resolved_at)}",
            f"Owner: {row.owner}",
            "Next step: none",
            f"Runbook: {row.runbook}",
        ]
        told = {"route": row.route, "title": f"Resolved: {row.title}"}
        # The end of what flaps is told when it has lasted.
        pause = FLAPPING if row.times_reopened and values["by"] == _TOUCHLINE else timedelta()
        if row.times_reopened:
            lines.insert(1, f"Flapping: it was gone and back {row.times_reopened} time(s)")
        _write(connection, row.incident_id, "resolved", "resolved", "\n".join(lines), told, pause)
    return rows


def _write(
    connection: Connection,
    incident_id: int,
    event: str,
    severity: str,
    body: str,
    values: dict[str, Any],
    pause: timedelta = timedelta(),
) -> None:
    message = {"incident_id": incident_id, "event": event, "severity": severity, "body": body, "pause": pause}
    connection.execute(_MESSAGE, message | {"route": values["route"], "title": values["title"]})


def _not_open(incident_id: int) -> TouchlineError:
    return TouchlineError(
        f"Incident {incident_id} is not open", where="ops.incidents", todo="see `touchline incidents list`"
    )
