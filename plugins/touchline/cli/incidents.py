"""Commands about incidents and the alerts that tell of them."""

from typing import Annotated

import typer

from touchline import warehouse
from touchline.alerting import dispatch, outbox
from touchline.alerting import incidents as entries
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.settings import user_name

incidents = typer.Typer(help="Incidents: what is wrong, who has taken it on.", no_args_is_help=True)
alerts = typer.Typer(help="Alerts: deliver what waits, the daily digest.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Incident, as `incidents list` names it.")]
Note = Annotated[str | None, typer.Option("--note", help="A word for the others; kept with the incident.")]


@incidents.command("list")
def list_incidents(
    is_all: Annotated[bool, typer.Option("--all", help="Also what is resolved.")] = False,
    database: Database = None,
    json: Json = False,
) -> None:
    """What is wrong now, newest first."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    found = entries.listed(warehouse.engine(settings), is_all=is_all)
    if json:
        output.as_json(found)
        return
    columns = ("incident", "state", "severity", "kind", "title", "owner", "since", "last seen", "times", "back")
    output.as_table(columns, [tuple(row.values()) for row in found])


@incidents.command("show")
def show(number: Number, database: Database = None, json: Json = False) -> None:
    """Everything about one incident, with the messages sent of it."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    found = entries.shown(warehouse.engine(settings), number)
    if json:
        output.as_json(found)
        return
    messages = found.pop("messages")
    output.as_table(("", ""), [(name.replace("_", " "), value) for name, value in found.items()])
    columns = ("message", "event", "written", "attempts", "outcome", "closed", "last error")
    output.as_table(columns, [tuple(row.values()) for row in messages], "Messages")


@incidents.command("acknowledge")
def acknowledge(number: Number, note: Note = None, database: Database = None) -> None:
    """Say that you have taken it on; it stays until its cause is gone."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    entries.acknowledge(warehouse.engine(settings), number, user_name(), note)
    output.results.print(f"Incident {number} is acknowledged")


@incidents.command("resolve")
def resolve(number: Number, note: Note = None, database: Database = None) -> None:
    """Close it by hand; if its cause is seen again, another incident is opened."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    engine = warehouse.engine(settings)
    entries.resolve(engine, number, user_name(), note)
    outbox.deliver(engine, settings)
    output.results.print(f"Incident {number} is resolved")


@alerts.command("deliver")
def deliver(database: Database = None, json: Json = False) -> None:
    """Deliver what waits, and alert when no run has ended well for too long; for a scheduler, every few minutes."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    _tell(dispatch.deliver(settings), json=json)


@alerts.command("digest")
def digest(database: Database = None, json: Json = False) -> None:
    """Write and deliver the day's digest of each route: what is open, and what was resolved since yesterday."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    written, found = dispatch.digest(settings)
    output.progress(f"{written} digest(s) written")
    _tell(found, json=json)


def _tell(found: outbox.Round, *, json: bool) -> None:
    counts = {
        "delivered": found.delivered,
        "waiting": found.waiting,
        "given_up": found.given_up,
        "no_channel": found.no_channel,
    }
    if json:
        output.as_json(counts | {"failures": found.failures})
    else:
        output.results.print(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items()))
    if found.waiting or found.given_up:
        output.tell_problems(found.failures)
