"""The commands. Results go to stdout, progress and logs to stderr; a failure ends with a non-zero exit code."""

import errno
import logging
import sys
from typing import Annotated

import psycopg
import typer
from sqlalchemy.exc import OperationalError

import touchline
from touchline.cli import audits, data, erasing, incidents, keys, loads, operate, output, scaffold, upkeep, weak
from touchline.cli.quarantine import quarantine
from touchline.errors import TouchlineError
from touchline.warehouse import lost

app = typer.Typer(
    help="Touchline: a customer-experience data warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("run")(operate.run)
app.command("status")(upkeep.status)
app.command("upgrade")(operate.upgrade)
app.command("audit")(audits.audit)
app.command("rollback")(operate.rollback)
app.command("up")(operate.up)
app.command("down")(operate.down)
app.command("demo")(operate.demo)
app.command("doctor")(upkeep.doctor)
app.command("metrics")(upkeep.metrics)
app.command("report")(operate.report)
app.command("retokenise")(keys.retokenise)
app.command("maintain")(upkeep.maintain)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("erase")(erasing.erase)
app.command("generate")(data.generate)
app.command("check-export")(data.check_export)
app.command("query")(data.query)
app.command("figures")(data.figures)
app.add_typer(quarantine, name="quarantine")
app.add_typer(keys.keys, name="keys")
app.add_typer(scaffold.new, name="new")
app.add_typer(loads.loads, name="loads")
app.add_typer(audits.builds, name="builds")
app.add_typer(loads.contract, name="contract")
app.add_typer(incidents.incidents, name="incidents")
app.add_typer(incidents.alerts, name="alerts")
app.add_typer(weak.weak, name="weak-identity")


@app.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show debug logs.")] = False,
) -> None:
    """Configuration comes from TOUCHLINE_* environment variables; see `touchline doctor`."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


@app.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(touchline.__version__)


def main() -> None:
    """Entry point: what a user can mend is told in words, anything else keeps its traceback."""
    try:
        app()
    except TouchlineError as error:
        output.fail(error)
    except (psycopg.OperationalError, OperationalError) as error:
        output.fail(lost(error, "the warehouse"))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        output.fail(TouchlineError(str(error), todo="free space, then run again"))
