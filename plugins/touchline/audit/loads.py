"""Is a load fit to build on? The raw suites of its entities, on its rows alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from touchline.audit import comparison
from touchline.audit.marts import complete
from touchline.audit.results import AuditResult
from touchline.audit.session import AuditSession, SuiteTarget, audit_session
from touchline.audit.suites import Suite, load_suite
from touchline.errors import TouchlineError


@dataclass(frozen=True, slots=True)
class LoadToAudit:
    """One load and the entity it brought; `source` is the feed, `kind` pos, crm or call_center."""

    load_id: int
    source: str
    kind: str
    entity: str


def run_suites(engine_url: str, targets: Sequence[SuiteTarget]) -> AuditResult:
    """Run every suite on its rows, all in one Great Expectations context.

    A check that cannot be computed is `crashed`, never `failed`. Raises TouchlineError when there is
    nothing to run or the database does not answer.
    """
    if not targets:
        raise TouchlineError("there is nothing to audit", todo="give at least one suite")
    with audit_session(engine_url) as session:
        return _run(session, targets)


@contextmanager
def load_auditor(
    engine: sa.Engine, loads: Sequence[LoadToAudit], expectations_dir: Path
) -> Iterator[Callable[[int], AuditResult]]:
    """A function that judges one of the loads by the raw suites of its entities; no check for a load without any.

    Loads are judged one by one, because a verdict may rest on that of the load before.
    The suite is `raw/<source>/<entity>.json` where there is one, else `raw/<kind>/<entity>.json`. Raises
    TouchlineError when an entity has no suite, a suite is not valid or the database does not answer.
    """
    if not loads:
        yield lambda _: AuditResult(())
        return
    suites = {place: _raw_suite(expectations_dir, *place) for place in dict.fromkeys(map(_place, loads))}
    targets: dict[int, list[SuiteTarget]] = {}
    for load in loads:
        targets.setdefault(load.load_id, []).append(_load_target(load, suites[_place(load)]))
    with audit_session(_url(engine)) as session:
        yield lambda load_id: _run(session, targets.get(load_id, ()))


def _run(session: AuditSession, targets: Iterable[SuiteTarget]) -> AuditResult:
    return AuditResult(tuple(check for target in targets for check in complete(target.suite, session.run(target))))


def _place(load: LoadToAudit) -> tuple[str, str, str]:
    return load.source, load.kind, load.entity


def _raw_suite(expectations_dir: Path, source: str, kind: str, entity: str) -> Suite:
    own, shared = (expectations_dir / "raw" / folder / f"{entity}.json" for folder in (source, kind))
    suite = load_suite(own if own.exists() else shared, name=f"raw/{source}/{entity}")
    if suite.table != f"{kind}_{entity}":
        raise TouchlineError(
            f"the suite is for table {suite.table!r}, the load is in {kind}_{entity!r}",
            where=str(own if own.exists() else shared),
            todo=f"set table to {kind}_{entity}",
        )
    if odd := [check.id for check in suite.checks if check.type in comparison.TYPES]:
        todo = "a load is no build: take the check out"
        raise TouchlineError(f"{odd[0]} compares builds", where=str(own if own.exists() else shared), todo=todo)
    return suite


def _load_target(load: LoadToAudit, suite: Suite) -> SuiteTarget:
    return SuiteTarget(suite, query=f'select * from raw."{suite.table}" where _load_id = {load.load_id:d}')


def _url(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)
