"""Actions that need a second person: asked for with a reason, answered by name, done once, and kept in `ops.approvals`.

Another action is another entry of `ACTIONS`. Its arguments are keys of rows, never personal data: whoever asks writes
them into a form, and they are kept.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from touchline import erasure, rejected, warehouse
from touchline.audit import overrides
from touchline.erasure import Identifier
from touchline.errors import TouchlineError
from touchline.settings import Settings

_KEEP = text("""
    insert into ops.approvals (run_id, action, arguments, reason, asked_by, is_approved, answered_by, answered_at)
    values (:run_id, :action, cast(:arguments as jsonb), :reason, :asked_by, :is_approved, :answered_by, :answered_at)
    on conflict (run_id) do nothing
""")
_OUTCOME = text("select outcome from ops.approvals where run_id = :run_id")
_DONE = text("""
    update ops.approvals set outcome = :outcome, arguments = case when :forgets then '{}' else arguments end
    where run_id = :run_id
""")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants done. `arguments` are those of the action; `days` is how long an override holds."""

    action: str
    arguments: Mapping[str, Any]
    reason: str
    days: int
    asked_by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answered, when and how; nobody in time is a refusal. `run_id` names the request: it is answered once."""

    run_id: str
    is_approved: bool
    answered_by: str | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """Something that may be asked for: the arguments it takes, and what does it and says what was done."""

    takes: Mapping[str, type]
    perform: Callable[[Settings, Request, Answer], str]
    needs: frozenset[str] = frozenset()
    """Arguments that must be there."""
    forgets: bool = False
    """Whether what was asked for is not kept once it is done."""


def check(request: Request) -> None:
    """Raise TouchlineError for a request that nobody could approve."""
    action = ACTIONS.get(request.action)
    if action is None:
        raise TouchlineError(f"No such action: {request.action}", where="action", todo=f"one of {', '.join(ACTIONS)}")
    if not request.reason.strip():
        raise TouchlineError(f"{request.action} needs a reason", where="reason")
    if request.days < 1:
        raise TouchlineError("An override holds for a day at least", where="days")
    if wrong := sorted(name for name, value in request.arguments.items() if type(value) is not action.takes.get(name)):
        expected = ", ".join(f"{name} ({kind.__name__})" for name, kind in action.takes.items())
        raise TouchlineError(f"Wrong arguments: {', '.join(wrong)}", where="arguments", todo=f"it takes {expected}")
    if missing := sorted(action.needs - set(request.arguments)):
        raise TouchlineError(f"Missing arguments: {', '.join(missing)}", where="arguments")


def answer(settings: Settings, request: Request, given: Answer) -> str | None:
    """Keep the answer and, if it is yes, do what was asked for; what was done. Repeated, it does nothing again.

    Raises TouchlineError if the action refuses, or if approvers are named and who asked answered, too.
    """
    check(request)
    if given.is_approved and settings.approvers and given.answered_by == request.asked_by:
        raise TouchlineError("Who asked may not approve", where="approval", todo="have somebody else ask, or answer")
    engine = warehouse.engine(settings)
    values: dict[str, Any] = {
        "run_id": given.run_id,
        "action": request.action,
        "arguments": json.dumps(dict(request.arguments)),
    }
    values |= {"reason": request.reason.strip(), "asked_by": request.asked_by, "answered_at": given.answered_at}
    # Kept before it is done: nothing happens that nobody answered for.
    with engine.begin() as connection:
        connection.execute(_KEEP, values | asdict(given))
        outcome: str | None = connection.scalar(_OUTCOME, {"run_id": given.run_id})
    if given.is_approved and outcome is None:
        action = ACTIONS[request.action]
        outcome = action.perform(settings, request, given)
        with engine.begin() as connection:
            connection.execute(_DONE, {"run_id": given.run_id, "outcome": outcome, "forgets": action.forgets})
    return outcome


def _accept_load(settings: Settings, request: Request, given: Answer) -> str:
    load_id, until = request.arguments["load_id"], _until(request)
    by = _who(request, given)
    rejected.accept(
        warehouse.engine(settings), load_id, reason=request.reason.strip(), accepted_by=by, expires_at=until
    )
    return f"load {load_id} is accepted until {until:%F}"


def _accept_build(settings: Settings, request: Request, given: Answer) -> str:
    until = _until(request)
    names = overrides.accept(
        warehouse.engine(settings),
        request.arguments["build_id"],
        reason=request.reason.strip(),
        accepted_by=_who(request, given),
        expires_at=until,
        only=request.arguments.get("checks", ()),
    )
    return f"accepted until {until:%F}: {', '.join(names)}"


def _erase_customer(settings: Settings, request: Request, given: Answer) -> str:
    named = [Identifier("customer", request.arguments["customer_id"])]
    done = erasure.erase(settings, named, asked_by=_who(request, given), reason=request.reason.strip())
    return f"erasure {done.erasure_id}: {done.vault_values} values of the vault, {sum(done.rows.values())} rows"


def _who(request: Request, given: Answer) -> str:
    return f"{given.answered_by}, asked by {request.asked_by}"


def _until(request: Request) -> datetime:
    return datetime.now(UTC) + timedelta(days=request.days)


ACTIONS: dict[str, Action] = {
    "accept_load": Action({"load_id": int}, _accept_load, frozenset({"load_id"})),
    "accept_build": Action({"build_id": int, "checks": list}, _accept_build, frozenset({"build_id"})),
    "erase_customer": Action({"customer_id": str}, _erase_customer, frozenset({"customer_id"}), forgets=True),
}
"""By name, what may be asked for."""
