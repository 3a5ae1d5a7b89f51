"""Alerts that cannot be entered because the warehouse is away: one message at once, the rest when it is back.

Each is kept as a file of the state folder, one a cause. However many steps find the warehouse away, that is one cause.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from touchline.alerting import channels
from touchline.alerting.alerts import Alert, Kind
from touchline.alerting.routes import channels_for
from touchline.settings import Settings
from touchline.warehouse import lost

log = logging.getLogger(__name__)


def keep(settings: Settings, alert: Alert, error: SQLAlchemyError) -> None:
    """Keep the alert until the warehouse is back, and tell once that it is away."""
    folder = _folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if alert.kind is not Kind.WAREHOUSE_AWAY:
        _keep_once(folder, alert)
    away = _away(error)
    if _keep_once(folder, away):
        _send(settings, away)


def enter_kept(settings: Settings, enter: Callable[[Alert], object]) -> None:
    """Hand over what was kept; a file goes once its alert has been entered."""
    for path in sorted(_folder(settings).glob("*.json")):
        try:
            alert = _read(path)
        except (ValueError, KeyError, TypeError):
            log.warning("the alert kept in %s cannot be read: its writer was killed", path.name)
        else:
            enter(alert)
        path.unlink(missing_ok=True)


def _away(error: SQLAlchemyError) -> Alert:
    is_away = isinstance(error, OperationalError)
    told = lost(error, "the warehouse") if is_away else None
    return Alert(
        kind=Kind.WAREHOUSE_AWAY,
        scope="warehouse",
        title="The warehouse is away",
        what=told.what if told else f"the incidents cannot be written ({type(error).__name__})",
        where="the warehouse",
        how_many="everything that works with it; readers, too, if it does not answer at all",
        owner="data platform",
        next_step=(told and told.todo) or "Run `touchline upgrade`; `touchline doctor` tells the rest.",
    )


def _keep_once(folder: Path, alert: Alert) -> bool:
    """Whether this cause was not kept before."""
    path = folder / f"{sha256(alert.cause.encode()).hexdigest()[:16]}.json"
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(asdict(alert) | {"faults": sorted(alert.faults)}, file)
    except FileExistsError:
        return False
    return True


def _send(settings: Settings, alert: Alert) -> None:
    to = channels_for(settings, alert.route, alert.severity)
    message = channels.Message(alert.title, alert.body(datetime.now(UTC), settings.runbook_url), alert.severity)
    failures = [error for url in to.first if (error := channels.send(message, url))]
    if failures or not to.first:
        is_heard = any(channels.send(message, url) is None for url in to.second)
        level = logging.WARNING if is_heard else logging.ERROR
        log.log(level, "alert '%s': %s\n%s", alert.title, "; ".join(failures) or "no channel", message.body)


def _read(path: Path) -> Alert:
    kept = json.loads(path.read_text(encoding="utf-8"))
    changes = {"kind": Kind(kept["kind"]), "faults": frozenset(kept["faults"])}
    return Alert(**kept | changes | {"example_keys": tuple(kept["example_keys"])})


def _folder(settings: Settings) -> Path:
    return settings.home / "unheard"
