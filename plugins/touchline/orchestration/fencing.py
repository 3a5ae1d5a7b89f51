"""One build at a time, though its steps are tasks of their own.

A lock cannot be held from task to task. So each task holds the warehouse's build lock while it works, and
first makes sure that the slot and the ledger still belong to its build: another builder (the command line)
that took over in between is told from it, and the older build fails instead of writing into the newer one's slot.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from touchline import publish, warehouse
from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.settings import Settings

BUSY = "Another build of this warehouse is under way"

_ABANDON = text("""
    update ops.builds set state = 'failed', finished_at = now(), reason = 'abandoned: its builder stopped'
    where state = 'building'
""")


@contextmanager
def new_build(settings: Settings) -> Iterator[None]:
    """Hold the build lock to begin a build; under it, every build still in state 'building' is an abandoned one."""
    owner = warehouse.engine(settings)
    with warehouse.advisory_lock(owner, Lock.BUILD, BUSY):
        with owner.begin() as connection:
            connection.execute(_ABANDON)
        yield


@contextmanager
def own_build(settings: Settings, build_id: int) -> Iterator[None]:
    """Hold the build lock for a step of this build; raises TouchlineError if the slot is another's by now."""
    owner = warehouse.engine(settings)
    with warehouse.advisory_lock(owner, Lock.BUILD, BUSY):
        _check_owner(owner, build_id)
        yield


def _check_owner(owner: Engine, build_id: int) -> None:
    with owner.connect() as connection:
        state = connection.scalar(text("select state from ops.builds where build_id = :id"), {"id": build_id})
        holder = publish.slot_build(connection, "marts_next")
    if state not in ("building", "audited") or holder != build_id:
        raise TouchlineError(
            f"Build {build_id} (state {state}) no longer owns the slot; build {holder} does",
            where="schema marts_next",
            todo="nothing, if the newer build succeeds; else trigger build_warehouse again",
        )
