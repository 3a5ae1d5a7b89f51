"""Runs retokenise in children that kill themselves around each commit that gets on; prints how many were killed.

Arguments: state folder, database URL. The children are forked before any connection is opened.
"""

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr

from touchline.retokenise import retokenise, values
from touchline.settings import Settings

FIRST_PROGRESS = 2
"""Every call begins with a commit that only takes the move up."""
MOST_CHILDREN = 100

values.BATCH_VALUES = 4
values.BATCH_RECORDS = 1


def run_child(settings: Settings, kill_before: bool) -> int:
    """Exit status of a child that dies before or after its commit."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    commits = 0
    commit = psycopg.Connection.commit

    def killing(connection: psycopg.Connection[Any]) -> None:
        nonlocal commits
        commits += 1
        if commits == FIRST_PROGRESS and kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)
        if commits == FIRST_PROGRESS:
            os.kill(os.getpid(), signal.SIGKILL)

    psycopg.Connection.commit = killing  # type: ignore[method-assign]
    status = 1
    try:
        status = 0 if retokenise(settings) is None else 2
    except BaseException:  # noqa: BLE001 - the child must not return
        traceback.print_exc()
    finally:
        os._exit(status)


def main() -> int:
    settings = Settings(home=Path(sys.argv[1]), database_url=SecretStr(sys.argv[2]))
    killed = 0
    for number in range(MOST_CHILDREN):
        status = run_child(settings, kill_before=number % 2 == 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed += 1
        elif os.WEXITSTATUS(status) == 0:
            print(killed)
            return 0
        else:
            return 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
