"""Commands about data: exports, queries."""

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from touchline import figures as semantic
from touchline import queries, warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.landing import trial
from touchline.settings import get_settings


class OutputFormat(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def generate(
    out: Annotated[Path | None, typer.Option("--out", help="Folder; default: the landing folder.")] = None,
    customers: Annotated[int, typer.Option(help="People in the synthetic brand.")] = 2000,
    days: Annotated[int, typer.Option(help="Days of history.")] = 180,
    end: Annotated[str, typer.Option(help="Day after the last day of history.")] = "2026-06-30",
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
) -> None:
    """Write seeded POS, CRM and call-center exports with planted truth."""
    from touchline import synthetic

    folder = out or get_settings().landing_dir
    made = synthetic.generate(folder, seed=seed, customers=customers, days=days, end=date.fromisoformat(end))
    rows = [(file.path.relative_to(folder), file.records) for file in made.files]
    output.as_table(("file", "records"), rows, f"Exports in {folder}")


def check_export(
    source: Annotated[str, typer.Argument(help="Source whose mapping to use.")],
    file: Annotated[str, typer.Argument(help="The export file to read; a URL is fetched by the source's connection.")],
    export: Annotated[str | None, typer.Option("--export", help="Which of the source's exports it is.")] = None,
    json: Json = False,
) -> None:
    """Read one file by its mapping and contract without loading it, and say what would become of it."""
    checked = trial.check_export(get_settings(), source, file, export)
    if json:
        output.as_json(checked.to_json())
    else:
        output.results.print(
            f"{checked.records} records: {checked.loaded} fit, {checked.quarantined} bad, {checked.filtered} filtered"
        )
        output.as_table(("what", "column", "why", "records"), checked.reasons)
        output.as_table(("record", "byte", "column", "why"), checked.examples, "First bad records")
    if checked.quarantined:
        raise typer.Exit(output.FAILURE)


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the published marts; '-' reads it from stdin.")],
    output_format: Annotated[
        OutputFormat, typer.Option("--format", help="How to print the rows.")
    ] = OutputFormat.TABLE,
    database: Database = None,
) -> None:
    """Run SQL as bi_reader: it sees the published marts and nothing else."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    _show(*queries.read(settings, sys.stdin.read() if sql == "-" else sql), output_format)


def figures(
    names: Annotated[list[str] | None, typer.Argument(help="Figures to tell; none lists all of them.")] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help="A row for each, like metric_time__month.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="Like \"{{ Dimension('sale__channel') }} = 'web'\"."),
    ] = None,
    show_sql: Annotated[bool, typer.Option("--sql", help="Print the query instead of running it.")] = False,
    output_format: Annotated[
        OutputFormat, typer.Option("--format", help="How to print the rows.")
    ] = OutputFormat.TABLE,
    database: Database = None,
) -> None:
    """Tell figures of the semantic layer by name, over the published marts, as bi_reader."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    if not names:
        listed = [(found.name, found.description, ", ".join(found.group_by)) for found in semantic.metrics(settings)]
        _show(["figure", "meaning", "by"], listed, output_format)
        return
    query = semantic.sql(settings, names, by or (), where or ())
    if show_sql:
        typer.echo(query)
        return
    _show(*queries.read(settings, query), output_format)


def _show(columns: list[str], rows: list[tuple[Any, ...]], output_format: OutputFormat) -> None:
    match output_format:
        case OutputFormat.TABLE:
            output.as_table(columns, rows)
        case OutputFormat.CSV:
            output.as_csv(columns, rows)
        case OutputFormat.JSON:
            output.as_json([dict(zip(columns, row, strict=True)) for row in rows])
