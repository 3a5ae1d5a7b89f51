"""Enters alerts as incidents and delivers what they have to tell; no failure hides behind its own notice."""

import logging
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from touchline import warehouse
from touchline.alerting import incidents, liveness, outbox, unheard
from touchline.alerting.alerts import BUILD, Alert, Kind, cause_of
from touchline.settings import Settings

log = logging.getLogger(__name__)


def enter(settings: Settings, alert: Alert) -> None:
    """Enter the alert and deliver what it has to tell. Never raises."""
    engine = warehouse.engine(settings)
    try:
        entry = incidents.enter(engine, alert, settings.runbook_url)
        log.info("incident %s, %s: seen %s time(s)", entry.incident_id, alert.title, entry.times_seen)
    except SQLAlchemyError as error:
        unheard.keep(settings, alert, error)
    else:
        if entry.is_told:
            _deliver(engine, settings)
    finally:
        engine.dispose()


def resolve(settings: Settings, *causes: str, before: datetime | None = None) -> None:
    """These causes are gone (or were so at `before`); who was told of one is told that it is gone. Never raises."""
    engine = warehouse.engine(settings)
    try:
        if incidents.resolve_causes(engine, causes, before):
            _deliver(engine, settings)
    except SQLAlchemyError as error:
        log.warning("incidents could not be resolved: %s", type(error).__name__)
    finally:
        engine.dispose()


def deliver(settings: Settings) -> outbox.Round:
    """Deliver what waits, with what was kept while the warehouse was away and what ought to have happened by now."""
    engine = warehouse.engine(settings)

    def enter_kept(alert: Alert) -> None:
        # That the warehouse is away was told when it was.
        incidents.enter(engine, alert, settings.runbook_url, is_told=alert.kind is Kind.WAREHOUSE_AWAY)

    unheard.enter_kept(settings, enter_kept)
    incidents.resolve_causes(engine, [cause_of(Kind.WAREHOUSE_AWAY, BUILD)])
    if (alert := liveness.overdue(engine, settings)) is not None:
        incidents.enter(engine, alert, settings.runbook_url)
    return outbox.deliver(engine, settings)


def digest(settings: Settings) -> tuple[int, outbox.Round]:
    """Write the day's digests and deliver what waits: how many were written, what was delivered."""
    engine = warehouse.engine(settings)
    return outbox.write_digests(engine, settings), outbox.deliver(engine, settings)


def _deliver(engine: Engine, settings: Settings) -> None:
    """Deliver now if it can be done; else the messages wait in the outbox."""
    try:
        outbox.deliver(engine, settings)
    except SQLAlchemyError as error:
        log.warning("alerts wait in the outbox: %s", type(error).__name__)
