"""Rejected loads: checked again after a fix, or accepted by hand with a reason and for a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from touchline.errors import TouchlineError

_REJECTED = text("""
    select loads.load_id, source, file_name, loads.records, coalesce(max(held), 0) as held, loads.reason,
        max(expires_at) as accepted_until
    from ops.loads left join ops.overrides using (load_id) left join ops.load_accounts using (load_id)
    where state = 'rejected'
    group by loads.load_id order by loads.load_id
""")
_RECHECK = text("update ops.loads set state = 'loaded', reason = null where load_id = :id and state = 'rejected'")
_ACCEPT = text("""
    insert into ops.overrides (load_id, reason, accepted_by, expires_at)
    select load_id, :reason, :accepted_by, :expires_at from ops.loads where load_id = :id and state = 'rejected'
""")


def rejected_loads(engine: Engine) -> list[dict[str, Any]]:
    """Loads that no build may use, with the reason; `accepted_until` where somebody answers for one."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(_REJECTED).mappings()]


def recheck(engine: Engine, load_id: int) -> None:
    """Let the next run judge the load anew, by today's suites and error budget."""
    with engine.begin() as connection:
        if connection.execute(_RECHECK, {"id": load_id}).rowcount == 0:
            raise _not_rejected(load_id)


def accept(engine: Engine, load_id: int, *, reason: str, accepted_by: str, expires_at: datetime) -> None:
    """Let builds use a rejected load until `expires_at`; who and why is kept in ops.overrides."""
    values = {"id": load_id, "reason": reason, "accepted_by": accepted_by, "expires_at": expires_at}
    with engine.begin() as connection:
        if connection.execute(_ACCEPT, values).rowcount == 0:
            raise _not_rejected(load_id)


def _not_rejected(load_id: int) -> TouchlineError:
    return TouchlineError(
        f"Load {load_id} is not a rejected load", where="ops.loads", todo="see `touchline loads list`"
    )
