"""Commands about records set aside."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from touchline import queries, warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.errors import TouchlineError
from touchline.held import Selection

quarantine = typer.Typer(help="Records set aside, with position, column and reason.", no_args_is_help=True)

SourceName = Annotated[str | None, typer.Option("--source", help="Only this source.")]


@quarantine.command("list")
def list_held(source: SourceName = None, database: Database = None, json: Json = False) -> None:
    """Count the records held by file, column and reason. Values are never shown."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    columns, rows = queries.quarantined(warehouse.engine(settings), source)
    if json:
        output.as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        output.as_table(columns, rows)


@quarantine.command("show")
def show(
    load_id: Annotated[int, typer.Argument(help="Load, as `quarantine list` names it.")],
    record_number: Annotated[int, typer.Argument(help="Record within the file, from 1.")],
    database: Database = None,
) -> None:
    """Write one record's bytes to stdout, exactly as delivered."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    payload = queries.quarantined_record(settings, load_id, record_number)
    if payload is None:
        raise TouchlineError(
            f"No record {record_number} of load {load_id} is in quarantine", todo="see `touchline quarantine list`"
        )
    sys.stdout.buffer.write(payload)


@quarantine.command("replay")
def replay(
    source: SourceName = None,
    export: Annotated[str | None, typer.Option("--export", help="Only this export of a source.")] = None,
    entity: Annotated[str | None, typer.Option("--entity", help="Only records this entity refused.")] = None,
    load: Annotated[int | None, typer.Option("--load", help="Only this load, as `quarantine list` names it.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only records held for this reason.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of them; write nothing.")] = False,
    database: Database = None,
    json: Json = False,
) -> None:
    """Judge held records again by today's mapping and contract; those that pass come in as a load of their own."""
    # Imported here: `touchline --help` need not wait for the numeric libraries.
    from touchline import rereading

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    selection = Selection(source, export, entity, load, reason)
    outcomes = rereading.replay_held(settings, selection, is_dry_run=dry_run)
    if json:
        # A tuple is no key in JSON.
        output.as_json(
            [asdict(item) | {"held": [(*why, count) for why, count in item.held.items()]} for item in outcomes]
        )
    else:
        rows = [(o.replay_of, o.file_name, o.load_id, o.records, o.loaded, o.filtered, o.still_held) for o in outcomes]
        output.as_table(("load", "file", "came in by load", "records", "loaded", "filtered", "still held"), rows)
        reasons = [(o.replay_of, column or "record", why, n) for o in outcomes for (column, why), n in o.held.items()]
        if reasons:
            output.as_table(("load", "column", "why", "records"), reasons, "Still held")
        if dry_run:
            output.results.print("A dry run: nothing was written")
        elif any(item.load_id for item in outcomes):
            output.results.print("The next `touchline run` checks what came in and builds with it.")
            output.results.print("A load rejected for its error budget: `touchline loads recheck <load>`")
    output.tell_problems(item.problem for item in outcomes)
