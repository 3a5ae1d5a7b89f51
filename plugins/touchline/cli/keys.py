"""Commands about the keys of the vault and the tokens they make."""

from pathlib import Path
from typing import Annotated

import typer

from touchline import custody, vault, warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.errors import TouchlineError
from touchline.keys import Purpose, VaultKeys
from touchline.settings import Settings

keys = typer.Typer(help="Keys of the vault: new versions, back-up, restoring.", no_args_is_help=True)

BackUp = Annotated[Path, typer.Argument(help="The back-up: one file that holds all keys.")]


@keys.command("list")
def list_keys(database: Database = None, json: Json = False) -> None:
    """Versions at hand, and what the warehouse uses each for. No key is shown."""
    settings = settings_for(database)
    found = _rows(settings, _held(settings))
    if json:
        output.as_json(found)
    else:
        output.as_table(("purpose", "version", "use"), [tuple(row.values()) for row in found])


@keys.command("rotate")
def rotate(database: Database = None) -> None:
    """Make the next version of both keys; values are sealed with it at once, tokens wait for `retokenise`."""
    settings = settings_for(database)
    _held(settings)
    version = vault.rotate(settings)
    output.results.print(f"Key version {version} is made. Next:")
    output.results.print("  touchline keys backup PATH   (the back-up you have lacks it)")
    output.results.print("  touchline retokenise")


@keys.command("backup")
def backup(path: BackUp, database: Database = None) -> None:
    """Write all keys to a new file (mode 0600), for a place apart from the database and its dumps."""
    settings = settings_for(database)
    held = _held(settings)
    if path.resolve().is_relative_to(settings.home.resolve()):
        todo = "name a place that is backed up and kept apart from it"
        raise TouchlineError("A back-up inside the state folder is lost with it", where=str(path), todo=todo)
    vault.write_document(held, path)
    if vault.read_document(path).check_values() != held.check_values():
        raise TouchlineError("What was written does not read back", where=str(path))
    output.results.print(f"Keys written to {path}: whoever has them can read the vault", markup=False, soft_wrap=True)


@keys.command("verify")
def verify(
    path: Annotated[Path | None, typer.Argument(help="A back-up; default: the keys at hand.")] = None,
    database: Database = None,
) -> None:
    """Tell whether keys are the ones that made this warehouse's data."""
    settings = settings_for(database)
    if path is None:
        _held(settings)
    else:
        warehouse.ensure_server(settings)
        custody.verify(warehouse.engine(settings), vault.read_document(path))
    output.results.print("These are the keys that made this warehouse's data")


@keys.command("restore")
def restore(path: BackUp, database: Database = None) -> None:
    """Bring keys back from a back-up, once they are found to be this warehouse's; none is overwritten."""
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    restored = vault.read_document(path)
    custody.verify(warehouse.engine(settings), restored)
    added = vault.restore(restored, settings.secrets_dir)
    output.results.print(f"{added} key(s) restored to {settings.secrets_dir}", markup=False, soft_wrap=True)


def retokenise(database: Database = None, json: Json = False) -> None:
    """Move all tokens to the newest key and today's normaliser; killed, it goes on at the next call."""
    # Imported here: `touchline --help` need not wait for the numeric libraries.
    from touchline import retokenise as moving

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    move = moving.retokenise(settings, output.progress)
    if json:
        output.as_json(vars(move) if move else None)
    elif move is None:
        output.results.print("All tokens are of the newest key and of today's normaliser")
    else:
        counts = (move.tokens, move.merged, move.unfit, move.without_value, move.rows)
        output.as_table(("tokens", "fell together", "keep an old form", "without a value", "rows changed"), [counts])
        output.results.print(
            f"Tokens are of key version {move.key_version} and normaliser version {move.normaliser_version};"
            " the next `touchline run` builds anew"
        )


def _held(settings: Settings) -> VaultKeys:
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    return custody.held_keys(settings, warehouse.engine(settings))


def _rows(settings: Settings, held: VaultKeys) -> list[dict[str, object]]:
    with warehouse.engine(settings).connect() as connection:
        state = custody.token_state(connection)
        used = custody.used_keys(connection)
    current = {
        (Purpose.TOKEN, state.key_version if state else held.newest_token_version): "makes tokens",
        (Purpose.CIPHER, held.cipher_version): "seals",
    }
    return [
        {
            "purpose": purpose.value,
            "version": version,
            "use": current.get((purpose, version), "in use" if (purpose, version) in used else "not in use"),
        }
        for purpose, version in sorted(held.check_values())
    ]
