"""Commands that write a first version of something for the user to complete."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from touchline.cli import output
from touchline.errors import TouchlineError
from touchline.settings import get_settings

new = typer.Typer(help="Propose a source file from a sample of an export.", no_args_is_help=True)


class Kind(StrEnum):
    POS = "pos"
    CRM = "crm"
    CALL_CENTER = "call_center"


@new.callback()
def _group() -> None:
    """Propose a source file from a sample of an export."""


@new.command("source")
def source(
    name: Annotated[str, typer.Argument(help="Name of the source; lower case, digits and _.")],
    sample: Annotated[str, typer.Option("--from", help="An export, as a path or URL: delimited text, plain or gzip.")],
    connection: Annotated[str | None, typer.Option(help="Name of the connection to a remote export.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of source, if known.")] = None,
    entity: Annotated[str | None, typer.Option(help="Contract entity, if known.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default: the folder of the sources.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write a source file for an export, with every doubt marked. Values of the export are never shown."""
    # Imported here: `touchline --help` need not wait for what reads exports.
    from touchline import scaffold

    written = scaffold.new_source(
        get_settings(), name, sample, connection=connection, kind=kind, entity=entity, out=out, force=force
    )
    output.results.print(f"Proposed as {written.kind}.{written.entity}: {written.path}", markup=False, soft_wrap=True)
    if written.doubts:
        output.results.print("Unsure, and marked in the file:")
        for what, why in written.doubts:
            output.results.print(f"  {what}: {why}", markup=False, soft_wrap=True)
    if written.missing:
        raise TouchlineError(
            f"Required columns were not found: {', '.join(written.missing)}",
            where=str(written.path),
            todo="complete the lines marked REQUIRED, then rename the file to end in .yml; no DAG reads a draft",
        )
    output.results.print("Next:")
    variable = f"TOUCHLINE_SOURCES={out} " if out else ""
    output.results.print(f"  {variable}touchline check-export {name} {sample}", markup=False, soft_wrap=True)
