"""A child that kills itself around one of its commits: what a crash leaves behind, at the moments that matter."""

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import psycopg


def run_child(work: Callable[[], int], *, deadly: int, is_before: bool) -> int:
    """Wait status of a forked child that does `work` (its exit code) and dies right before or after that commit.

    No connection may be open when it is forked.
    """
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
        status = work()
    except BaseException:  # noqa: BLE001 - the child must not return
        traceback.print_exc()
    finally:
        os._exit(status)


def was_killed(status: int) -> bool:
    """Whether a child of this wait status died by SIGKILL."""
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
