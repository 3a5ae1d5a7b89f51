"""Resolves the identities of a build: what changed since the state, or everything."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine

from touchline.errors import TouchlineError
from touchline.identity.changes import find_changed, log_since
from touchline.identity.frames import EDGES, NODES, IdentityRules
from touchline.identity.increment import solve_touched, touch
from touchline.identity.origins import first_names
from touchline.identity.redirects import redirect
from touchline.identity.state import State, last_state, read, record, write_all

# Beyond this share, parts cost more than the whole.
MAX_TOUCHED_SHARE = 0.1

_LOG_CHANGES = """
insert into identity.changes (build_id, brand, node, old_customer_id, new_customer_id, old_reason, new_reason)
select %(build_id)s, brand, node, before.customer_id, after.customer_id, before.reason, after.reason
from before full join {after} as after using (brand, node)
where before.customer_id is distinct from after.customer_id or before.reason is distinct from after.reason
"""


@dataclass(frozen=True, slots=True)
class IdentitySummary:
    """Counts of one build; `members` are the nodes with a customer, `refused` the others by reason."""

    customers: int
    nodes: int
    members: int
    refused: Mapping[str, int]
    method: str
    touched_customers: int


def resolve(
    engine: Engine,
    build_id: int,
    rules: IdentityRules | None = None,
    *,
    changed: str | None = None,
    full: bool = False,
) -> IdentitySummary:
    """Bring schema identity to the state of one build.

    Reads intermediate.int_identity_nodes, int_identity_edges and identity.token_origins. Where a state with the same
    rules and code exists, only what changed since is solved anew, unless that is more than a tenth of all; the outcome
    is the same. What changed is taken from `changed`, a relation with the changed nodes (`changes.find_changed`), else
    from the change log, else found by comparing everything with the state. All is one transaction: a repeated call
    changes nothing, a failing one (TouchlineError of `resolve_components`) leaves the state of the build before.
    """
    rules = rules or IdentityRules()
    with engine.begin() as connection:
        session = connection.connection.driver_connection
        if not isinstance(session, psycopg.Connection):
            raise TouchlineError(
                "identity resolution copies rows by psycopg 3", todo="use a postgresql+psycopg:// engine"
            )
        # Two runs queue up here instead of writing the state twice; readers are not held up.
        session.execute("lock table identity.states in share row exclusive mode")
        state = _solve(session, build_id, rules, last_state(session), changed, full=full)
        refused = session.execute(
            "select reason, count(*) from identity.nodes where reason is not null group by reason order by reason"
        ).fetchall()
    return IdentitySummary(
        customers=state.customers,
        nodes=state.nodes,
        members=state.members,
        refused=dict(refused),
        method=state.method,
        touched_customers=state.touched_customers,
    )


def _solve(
    session: psycopg.Connection,
    build_id: int,
    rules: IdentityRules,
    last: State | None,
    changed: str | None,
    *,
    full: bool,
) -> State:
    digest = rules_digest(rules)
    nodes = touched = 0
    if last and not full and last.rules_digest == digest:
        nodes = find_changed(session, changed or log_since(session, last.build_id, build_id))
        touched = touch(session)
        if nodes <= MAX_TOUCHED_SHARE * last.nodes and touched <= MAX_TOUCHED_SHARE * last.customers:
            solve_touched(session, build_id, rules)
            _follow(session, build_id, "after")
            counts = _counts_after(session, last)
            state = State(build_id, "incremental", digest, nodes, touched, *counts)
            record(session, state)
            return state
        session.execute("drop table before")
    session.execute("create temporary table before on commit drop as select * from identity.nodes")
    solved = first_names(session).solve(
        read(session, "intermediate.int_identity_nodes", NODES),
        read(session, "intermediate.int_identity_edges", EDGES),
        rules,
    )
    write_all(session, build_id, solved)
    if last:
        _follow(session, build_id, "identity.nodes")
    named = solved["customer_id"]
    counts = (solved.height, named.len() - named.null_count(), int(solved["is_anchor"].sum()))
    state = State(build_id, "full", digest, nodes or solved.height, touched or counts[2], *counts)
    record(session, state)
    return state


def rules_digest(rules: IdentityRules) -> str:
    """Digest of everything but the data that a state depends on: the rules and this package."""
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    chosen = asdict(rules) | {"stated_defaults": sorted(rules.stated_defaults)}
    return hashlib.sha256(b"\x1f".join([repr(chosen).encode(), *code])).hexdigest()[:16]


def _follow(session: psycopg.Connection, build_id: int, after: str) -> None:
    """Log which nodes changed hands or are refused otherwise, and redirect the ids that ceased."""
    session.execute("analyze before")
    session.execute(_LOG_CHANGES.format(after=after).encode(), {"build_id": build_id})
    redirect(session, build_id, after)


def _counts_after(session: psycopg.Connection, last: State) -> tuple[int, int, int]:
    """Nodes, members and customers of the state, from those before and the part that was solved."""
    row = session.execute(
        """
        select
            (select count(*) from after) - (select count(*) from before),
            (select count(customer_id) from after) - (select count(customer_id) from before),
            (select count(*) from after where is_anchor) - (select count(*) from before where is_anchor)
        """
    ).fetchone()
    more = row or (0, 0, 0)
    return last.nodes + more[0], last.members + more[1], last.customers + more[2]
