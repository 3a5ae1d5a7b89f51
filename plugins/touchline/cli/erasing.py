"""The command that erases persons."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from touchline import erasure, warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.erasure import Erased, Identifier
from touchline.errors import TouchlineError
from touchline.settings import user_name


def erase(
    reason: Annotated[str | None, typer.Option("--reason", help="Why: a ticket's number, say. No names.")] = None,
    file: Annotated[
        Path | None, typer.Option("--from", help="File with one identifier a line; default: asked for, or stdin.")
    ] = None,
    brand: Annotated[str | None, typer.Option("--brand", help="Whose loyalty ids are meant.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who asked for it; default: who runs this.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only tell what it would do.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Do what a restored database does not know to have been done.")
    ] = False,
    database: Database = None,
    json: Json = False,
) -> None:
    """Erase persons: destroy their values, sever their rows, keep them out when they are delivered again."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    if again:
        done = erasure.erase_again(settings, output.progress)
    else:
        if not reason:
            raise TouchlineError("An erasure needs its reason", todo="state --reason")
        asked = {"asked_by": by or user_name(), "reason": reason}
        identifiers = _identifiers(file)
        done = [
            erasure.erase(settings, identifiers, **asked, brand=brand, is_dry_run=not yes, progress=output.progress)
        ]
    if json:
        output.as_json([vars(item) for item in done])
        return
    for item in done:
        _tell(item)
    if not done:
        output.results.print("Every erasure that is remembered has been done")


def _identifiers(file: Path | None) -> list[Identifier]:
    """Never from the command line, which a shell remembers and other users see."""
    if file:
        try:
            return erasure.read_identifiers(file.read_text(encoding="utf-8").splitlines(), str(file))
        except (OSError, UnicodeDecodeError):
            raise TouchlineError("The identifiers cannot be read", where=str(file)) from None
    if sys.stdin.isatty():
        line = typer.prompt("E-mail, phone (+49…), 'loyalty <id>' or 'customer <id>'", hide_input=True, err=True)
        return erasure.read_identifiers([line], "the prompt")
    return erasure.read_identifiers(sys.stdin.read().splitlines(), "stdin")


def _tell(done: Erased) -> None:
    rows = [("customers", done.customers), ("values of the vault", done.vault_values)]
    rows += [(f"rows of raw.{name}", count) for name, count in done.rows.items()]
    rows += [("records set aside", done.held_records), ("new tombstones", done.tombstones)]
    output.as_table(("erased" if done.is_done else "would be erased", ""), rows)
    if not done.is_new:
        output.results.print("Nothing is left to erase")
    elif not done.is_done:
        output.results.print("Nothing was changed. To do it, say --yes")
    else:
        output.results.print(f"Erasure {done.erasure_id} is done; the next `touchline run` builds anew without them")
    if done.files:
        output.results.print("Files that told of them, to be deleted or mended where they lie:")
        for name in done.files:
            output.results.print(f"  {name}", markup=False, soft_wrap=True)
