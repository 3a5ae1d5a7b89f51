"""Commands that keep the warehouse in order and tell how it is doing."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from touchline import custody, erasure, health, warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for


def maintain(database: Database = None, json: Json = False) -> None:
    """Remove from schema raw what no build needs any more, forget old detail, give the room back."""
    from touchline import maintenance
    from touchline.orchestration import pruning

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    done = maintenance.maintain(settings, output.progress)
    airflow = pruning.prune_airflow(settings)
    if json:
        output.as_json(vars(done) | {"airflow": airflow})
        return
    output.results.print(f"Versions that were replaced before {done.horizon:%F} are gone")
    removed = [(f"raw.{name}", rows) for name, rows in done.versions.items() if rows]
    removed += [*done.loads.items(), *((name, rows) for name, rows in done.history.items() if rows)]
    if removed:
        output.as_table(("from", "rows"), removed, "Removed")
    output.results.print(f"Airflow: {airflow}")


def backup(
    path: Annotated[Path, typer.Argument(help="A new file, on another disk than the database.")],
    database: Database = None,
) -> None:
    """Dump the warehouse to one file; its keys are not in it (`touchline keys backup`)."""
    from touchline import backup as dumps

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    size = dumps.dump(settings, path)
    output.results.print(f"{size / 1024**2:,.1f} MiB written to {path}", markup=False, soft_wrap=True)
    output.results.print("Apart from it, and not on the same medium: `touchline keys backup`, and the folder")
    output.results.print(f"  {settings.erasures_dir}", markup=False, soft_wrap=True)


def restore(
    path: Annotated[Path, typer.Argument(help="What `touchline backup` wrote.")], database: Database = None
) -> None:
    """Fill an empty database from a dump, then hold keys and erasures against it."""
    from touchline import backup as dumps

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    dumps.restore(settings, path)
    owner = warehouse.engine(settings)
    output.results.print("The warehouse is restored")
    custody.held_keys(settings, owner)
    erasure.require_applied(settings, owner)
    output.results.print("Its keys are at hand, and nobody in it was erased since")


def status(database: Database = None, json: Json = False) -> None:
    """What is live, how fresh each source is against its promise, the latest loads and builds, disk."""
    from touchline.orchestration import live

    settings = settings_for(database)
    report = health.status(settings) | {"live_system": "up" if live.is_up(settings) else "down"}
    if json:
        output.as_json(report)
        return
    if published := report["live"]:
        output.results.print(f"Live: build {published['build_id']}, published {published['published_at']:%F %T} UTC")
    else:
        output.results.print("Nothing is published yet")
    output.results.print(f"Live system: {report['live_system']}")
    _print_rows(
        "Open incidents", report["incidents"], ("incident_id", "state", "severity", "title", "owner", "opened_at")
    )
    _print_rows("Sources", report["sources"], _SOURCE)
    _print_rows("Latest loads", report["loads"], _LOAD)
    _print_rows("Builds", report["builds"], ("build_id", "state", "as_of", "frozen_at", "reason"))
    sizes = (f"{name.removesuffix('_bytes')} {size / 1024**2:,.0f} MiB" for name, size in report["disk"].items())
    output.results.print(f"Disk: {', '.join(sizes)}")


def metrics(
    database: Database = None,
    out: Annotated[Path | None, typer.Option("--out", help="File for a textfile collector; default: stdout.")] = None,
) -> None:
    """The figures of `status` in Prometheus' text format."""
    from touchline.health.metrics import metrics as gather
    from touchline.health.metrics import write_metrics

    text = gather(settings_for(database))
    if out:
        write_metrics(text, out)
    else:
        typer.echo(text, nl=False)


def doctor(database: Database = None, json: Json = False) -> None:
    """Check this installation and name what is wrong with it."""
    findings = health.doctor(settings_for(database))
    if json:
        output.as_json([vars(item) for item in findings])
    else:
        output.as_table(
            ("check", "", "found", "what to do"),
            [(f.check, "ok" if f.is_ok else "WRONG", f.found, f.todo) for f in findings],
        )
    if not all(item.is_ok for item in findings):
        raise typer.Exit(output.FAILURE)


_SOURCE = (
    *("source", "freshness", "last_delivery", "due_at", "complete_through"),
    *("files", "records", "set_aside", "rejected", "refused", "nulled"),
)
_LOAD = ("load_id", "source", "file_name", "state", "loaded", "records", "reason")


def _print_rows(title: str, rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    titles = tuple(name.replace("_", " ") for name in names)
    output.as_table(titles, [tuple(_short(row[name]) for name in names) for row in rows], title)


def _short(value: Any) -> Any:
    return f"{value:%F %R}" if isinstance(value, datetime) else value
