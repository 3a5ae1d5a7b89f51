"""Commands about audits: run one again, answer for what it found."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from touchline import warehouse
from touchline.audit import overrides
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for
from touchline.errors import TouchlineError
from touchline.settings import user_name

if TYPE_CHECKING:
    from touchline.audit.results import AuditResult

builds = typer.Typer(help="Builds: accept one that its audit refused.", no_args_is_help=True)


def audit(
    build: Annotated[int | None, typer.Option("--build", help="Build in a slot; default: the one made last.")] = None,
    load: Annotated[int | None, typer.Option("--load", help="Instead: a load, by its raw suites.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Look at all rows, also of marts kept by key.")] = False,
    database: Database = None,
    json: Json = False,
) -> None:
    """Run an audit again and explain what it finds; nothing is entered, nobody is told."""
    # Imported here: `touchline --help` need not wait for the numeric libraries.
    from touchline import audit_again

    if build is not None and load is not None:
        raise TouchlineError("Which audit?", where="audit", todo="give --build or --load")
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    if load is not None:
        name, result = f"load {load}", audit_again.audit_load(settings, load)
    else:
        number, result = audit_again.audit_build(settings, build, is_full=full)
        name = f"build {number}"
    if json:
        output.as_json({"audited": name, **result.to_json()})
    else:
        _explain(name, result)
    if not result.is_fit:
        raise typer.Exit(output.FAILURE)


@builds.command("accept")
def accept(
    build_id: Annotated[int, typer.Argument(help="Build whose audit failed.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it may be published all the same.")],
    days: Annotated[
        int, typer.Option("--days", min=1, max=365, help="For how long; then these checks block again.")
    ] = 7,
    check: Annotated[
        list[str] | None, typer.Option("--check", help="Only this one, as suite/check; may be repeated.")
    ] = None,
    database: Database = None,
) -> None:
    """Let builds be published although these critical checks fail. Who, when and why is kept."""
    if not reason.strip():
        raise TouchlineError("An override needs a reason", where="--reason")
    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    until = datetime.now(UTC) + timedelta(days=days)
    names = overrides.accept(
        warehouse.engine(settings),
        build_id,
        reason=reason.strip(),
        accepted_by=user_name(),
        expires_at=until,
        only=check or (),
    )
    output.results.print(
        f"Accepted until {until:%F}: {', '.join(names)}; the next `touchline run` builds and publishes"
    )


def _explain(name: str, result: "AuditResult") -> None:
    output.results.print(f"The audit of {name}: {result.verdict}, {len(result.checks)} checks", markup=False)
    if not result.is_full:
        output.results.print("Checks of rows looked at what has changed; --full looks at everything", markup=False)
    for item in result.failing:
        output.results.print(f"\n{item.suite}/{item.check_id} ({item.severity}, {item.outcome})", markup=False)
        keys = f"\n  rows: {', '.join(item.example_keys)}" if item.example_keys else ""
        output.results.print(f"  {item.observed}{keys}\n  why: {item.why}\n  next: {item.next_step}", markup=False)
