"""Runs maintenance in children that kill themselves around a commit, later and later; prints how many were killed.

Arguments: state folder, project folder, database URL, instant. The children are forked before any connection is opened.
"""

import functools
import os
import signal
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr

from touchline.contracts import load_contracts
from touchline.maintenance import maintain, run
from touchline.settings import Settings

COMMITS = (1, 1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 1_000_000)
"""Which commit a child dies at; the last one ends its work."""

run.load_contracts = functools.cache(load_contracts)


def run_child(settings: Settings, at: datetime, deadly: int, is_before: bool) -> int:
    """Exit status of a child that dies before or after its commit."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    commits = 0
    commit = psycopg.Connection.commit

    def killing(connection: psycopg.Connection[Any]) -> None:
        nonlocal commits
        commits += 1
        if commits == deadly and is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)
        if commits == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    psycopg.Connection.commit = killing  # type: ignore[method-assign]
    status = 1
    try:
        maintain(settings, at=at)
        status = 0
    except BaseException:  # noqa: BLE001 - the child must not return
        traceback.print_exc()
    finally:
        os._exit(status)


def main() -> int:
    home, project, url, at = sys.argv[1:]
    settings = Settings(home=Path(home), project_dir=Path(project), database_url=SecretStr(url))
    run.load_contracts(settings.contracts_dir)
    killed = 0
    for number, deadly in enumerate(COMMITS):
        status = run_child(settings, datetime.fromisoformat(at), deadly, is_before=number % 2 == 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed += 1
        elif os.WEXITSTATUS(status) != 0:
            return 1
    print(killed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
