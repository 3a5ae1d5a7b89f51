"""Commands about rejected loads and contracts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from touchline import rejected, warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.contract_diff import diff_contracts
from touchline.contracts import read_contract
from touchline.errors import TouchlineError
from touchline.settings import user_name

loads = typer.Typer(help="Loads: why one was rejected, check again, accept, read again.", no_args_is_help=True)
contract = typer.Typer(help="Source contracts.", no_args_is_help=True)

LoadId = Annotated[int, typer.Argument(help="Load, as `loads list` names it.")]


@loads.command("list")
def list_rejected(database: Database = None, json: Json = False) -> None:
    """Rejected loads and why no build uses them."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    found = rejected.rejected_loads(warehouse.engine(settings))
    if json:
        output.as_json(found)
    else:
        columns = ("load", "source", "file", "records", "set aside", "why", "accepted until")
        output.as_table(columns, [tuple(row.values()) for row in found])


@loads.command("recheck")
def recheck(load_id: LoadId, database: Database = None) -> None:
    """Judge a rejected load anew at the next run, after its suite, budget or source was mended."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    rejected.recheck(warehouse.engine(settings), load_id)
    output.results.print(f"Load {load_id} is judged again by the next `touchline run`")


@loads.command("accept")
def accept(
    load_id: LoadId,
    reason: Annotated[str, typer.Option("--reason", help="Why it may be built upon all the same.")],
    days: Annotated[
        int, typer.Option("--days", min=1, max=365, help="For how long; then builds leave it out again.")
    ] = 30,
    database: Database = None,
) -> None:
    """Let builds use a rejected load for a time. Who, when and why is kept."""
    if not reason.strip():
        raise TouchlineError("An override needs a reason", where="--reason")
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    until = datetime.now(UTC) + timedelta(days=days)
    rejected.accept(
        warehouse.engine(settings), load_id, reason=reason.strip(), accepted_by=user_name(), expires_at=until
    )
    output.results.print(f"Load {load_id} is accepted until {until:%F}; the next `touchline run` builds with it")


@loads.command("reload")
def reload(
    load_ids: Annotated[list[int] | None, typer.Argument(help="Loads to read again.")] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Instead: all loads of this source that another mapping read.")
    ] = None,
    export: Annotated[str | None, typer.Option("--export", help="Of these, only loads of this export.")] = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Read known files again by today's mapping; the new loads take the place of the old ones."""
    # Imported here: `touchline --help` need not wait for the numeric libraries.
    from touchline import rereading

    if bool(load_ids) == bool(source):
        raise TouchlineError("Which loads?", where="loads reload", todo="name loads, or give --source")
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    chosen = load_ids or rereading.outdated_loads(settings, source or "", export)
    done = rereading.reload_loads(settings, chosen)
    if json:
        output.as_json([vars(item) for item in done])
    else:
        columns = ("superseded", "file", "by load", "records", "loaded", "set aside", "filtered")
        output.as_table(columns, [tuple(vars(item).values())[:-1] for item in done if not item.problem])
        output.results.print("The next `touchline run` checks the new loads and builds with them")
    output.tell_problems(item.problem for item in done)


@contract.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="Contract file, or folder of contracts.")],
    new: Annotated[Path, typer.Argument(help="The same, later.")],
    json: Json = False,
) -> None:
    """Name what changed between contracts; a breaking change ends with a non-zero exit code."""
    pairs = _pairs(old, new)
    changes = [
        change for before, after in pairs for change in diff_contracts(read_contract(before), read_contract(after))
    ]
    if json:
        output.as_json([vars(change) for change in changes])
    else:
        rows = [("BREAKING" if c.is_breaking else "additive", c.entity, c.column, c.what) for c in changes]
        output.as_table(("", "entity", "column", "change"), rows)
    if any(change.is_breaking for change in changes):
        raise typer.Exit(output.FAILURE)


def _pairs(old: Path, new: Path) -> list[tuple[Path, Path]]:
    for path in (old, new):
        if not path.exists():
            raise TouchlineError("There is no such contract", where=str(path))
    if old.is_file() and new.is_file():
        return [(old, new)]
    names = {path.relative_to(old) for path in old.glob("*/*.odcs.yaml")}
    later = {path.relative_to(new) for path in new.glob("*/*.odcs.yaml")}
    if gone := sorted(map(str, names - later)):
        raise TouchlineError(f"Contracts were removed: {', '.join(gone)}", where=str(new))
    return [(old / name, new / name) for name in sorted(names & later)]
