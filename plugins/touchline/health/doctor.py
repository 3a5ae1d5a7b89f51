"""Looks for what is usually wrong with an installation, and names it with what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from touchline.errors import TouchlineError
from touchline.health import database, installation
from touchline.settings import Settings

Check = Callable[[Settings], str]
"""Says what it found; raises TouchlineError for what is wrong."""


@dataclass(frozen=True)
class Finding:
    """One check of `doctor`."""

    check: str
    is_ok: bool
    found: str
    todo: str = ""


def doctor(settings: Settings) -> list[Finding]:
    """Run every check; a check that raises is a finding, not the end.

    What asks the warehouse is left out where the warehouse does not answer: that is one finding, not ten.
    """
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    for name, check in installation.checks(settings).items():
        yield _run(name, check, settings)
    answers = _run("warehouse", database.answers, settings)
    yield answers
    if answers.is_ok:
        for name, check in database.CHECKS.items():
            yield _run(name, check, settings)


def _run(name: str, check: Check, settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except TouchlineError as error:
        where = f" ({error.where})" if error.where else ""
        return Finding(name, False, error.what + where, error.todo or "")
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        return Finding(name, False, f"the warehouse refuses: {cause}", "run `touchline upgrade`, then look again")
    except OSError as error:
        return Finding(name, False, f"{error.strerror} ({error.filename})", "see to the file or folder")
    except Exception as error:  # noqa: BLE001 - the other checks are worth having all the same
        return Finding(
            name, False, f"the check itself failed: {type(error).__name__}", "report it as a fault of Touchline"
        )
