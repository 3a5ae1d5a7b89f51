"""Dead-man's switch: a heartbeat after each good run, and an alert when none came for too long."""

import logging
import urllib.request
from datetime import datetime

from sqlalchemy import Engine, text

from touchline.alerting.alerts import Alert, Kind, instant
from touchline.errors import TouchlineError
from touchline.settings import Settings

log = logging.getLogger(__name__)

PING_SECONDS = 5

_BEAT = text("""
    insert into ops.heartbeats (name) values ('run') on conflict (name) do update set beaten_at = now()
""")
_OVERDUE = text("""
    select beaten_at from ops.heartbeats where name = 'run' and beaten_at < now() - make_interval(secs => :seconds)
""")


def beat(engine: Engine, settings: Settings) -> None:
    """A run has ended well: keep the time, and tell the monitor elsewhere, if one is set."""
    with engine.begin() as connection:
        connection.execute(_BEAT)
    if settings.heartbeat_url is None:
        return
    url = settings.heartbeat_url.get_secret_value()
    if not url.startswith(("http://", "https://")):
        raise TouchlineError("The heartbeat's URL is not one of the web", where="TOUCHLINE_HEARTBEAT_URL")
    try:
        with urllib.request.urlopen(url, timeout=PING_SECONDS):  # noqa: S310 - its scheme was looked at
            pass
    except (OSError, ValueError) as error:
        # The URL is a secret: who knows it can keep the monitor quiet.
        log.warning("the monitor of TOUCHLINE_HEARTBEAT_URL was not reached: %s", type(error).__name__)


def overdue(engine: Engine, settings: Settings) -> Alert | None:
    """The alert to raise when no run has ended well for `overdue_hours`; None while all is well."""
    with engine.connect() as connection:
        last: datetime | None = connection.scalar(_OVERDUE, {"seconds": settings.overdue_hours * 3600})
    if last is None:
        return None
    return Alert(
        kind=Kind.RUN_OVERDUE,
        scope="run",
        title="No run has ended well for too long",
        what=f"the last run that ended well did so on {instant(last)}; {settings.overdue_hours:g} hours are allowed",
        where="this warehouse",
        how_many="every source and mart: what readers see grows old",
        owner="data platform",
        next_step="`touchline status` tells what stands still; start the scheduler, or `touchline run`.",
    )
