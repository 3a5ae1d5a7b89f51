"""Commands that run and steer the warehouse."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from touchline import builds, publish, warehouse
from touchline.cli import output
from touchline.errors import TouchlineError
from touchline.settings import Settings, get_settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Database = Annotated[str | None, typer.Option("--database", help="SQLAlchemy URL; default: the embedded Postgres.")]


def run(
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source; may be repeated.")] = None,
    landing: Annotated[Path | None, typer.Option("--landing", help="Folder the exports lie in.")] = None,
    database: Database = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="ISO 8601 instant; builds the marts as of then.")] = None,
    publish_earlier: Annotated[
        bool, typer.Option("--publish-earlier", help="Publish a build with --as-of though a later one is live.")
    ] = False,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build even if nothing is new, and make every table anew.")
    ] = False,
    json: Json = False,
) -> None:
    """Drain everything new: land, check, build, audit, publish. No scheduler needed."""
    # Imported here, as elsewhere in these commands: `touchline --help` need not wait for the numeric libraries.
    from touchline import pipeline

    settings = settings_for(database, landing)
    summary = pipeline.run(
        settings,
        only=source or (),
        as_of=_instant(as_of) if as_of else None,
        full_refresh=full_refresh,
        publish_earlier=publish_earlier,
        progress=output.progress,
    )
    if json:
        output.as_json(summary.to_json())
    else:
        output.summarise(summary)
    if not summary.is_ok:
        raise typer.Exit(output.FAILURE)


def upgrade(database: Database = None) -> None:
    """Bring the warehouse's schema to this release; `run` does so by itself."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    applied = warehouse.migrate(settings)
    output.results.print("\n".join(f"applied {name}" for name in applied) or "The schema is up to date")


def rollback(database: Database = None) -> None:
    """Let readers see the previous build again."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    publication = publish.rollback(warehouse.engine(settings))
    output.results.print(f"Readers see build {publication.build_id} again (publication {publication.publication_id})")


def up() -> None:
    """Start the live system: embedded Postgres and Airflow, supervised, on loopback."""
    from touchline.orchestration import live

    live.up(get_settings(), output.progress)


def down() -> None:
    """Stop the live system and the embedded Postgres."""
    from touchline.orchestration import live

    live.down(get_settings())
    output.results.print("Stopped")


def demo(
    customers: Annotated[int, typer.Option(help="People in the synthetic brand.")] = 2000,
    days: Annotated[int, typer.Option(help="Days of history.")] = 180,
    seed: Annotated[int, typer.Option(help="Same seed, same exports.")] = 7,
) -> None:
    """Generate a brand's exports and take them through Airflow to audited marts and the report."""
    from touchline.cli.demo import run_demo

    if not run_demo(get_settings(), customers=customers, days=days, seed=seed):
        raise typer.Exit(output.FAILURE)


def report(
    database: Database = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to.")] = None,
) -> None:
    """Render the report site from the published marts."""
    from touchline import reports

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    if builds.latest_publication(warehouse.engine(settings)) is None:
        raise TouchlineError("Nothing is published yet", todo="run `touchline run` first")
    page = reports.render(settings, out or settings.reports_dir)
    output.results.print(str(page))


def settings_for(database: str | None = None, landing: Path | None = None) -> Settings:
    """The environment's settings, with what the command line overrides."""
    changes: dict[str, object] = {}
    if database:
        changes["database_url"] = SecretStr(database)
    if landing:
        changes["landing"] = landing
    return get_settings().model_copy(update=changes)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TouchlineError(
            f"Not an ISO 8601 instant: {text}", where="--as-of", todo="e.g. 2026-06-30T00:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
