"""Audits asked for by hand: they explain and enter nothing."""

from sqlalchemy import Engine, text

from touchline import audit, publish, steps, warehouse
from touchline.audit import overrides
from touchline.errors import TouchlineError
from touchline.settings import Settings

_SLOTS = ("marts_next", "marts", "marts_previous", "marts_idle")
_LOAD = text("""
    select source, kind, array(
        select entity from ops.load_entities where load_entities.load_id = loads.load_id order by entity
    ) as entities
    from ops.loads where load_id = :id and state not in ('refused', 'superseded')
""")


def audit_load(settings: Settings, load_id: int) -> audit.AuditResult:
    """What today's raw suites say of a load."""
    owner = warehouse.engine(settings)
    with owner.connect() as connection:
        load = connection.execute(_LOAD, {"id": load_id}).first()
    if load is None:
        raise TouchlineError(f"There are no rows of load {load_id}", where="ops.loads", todo="see `touchline status`")
    targets = [audit.LoadToAudit(load_id, load.source, load.kind, entity) for entity in load.entities]
    with audit.load_auditor(owner, targets, settings.expectations_dir) as judge:
        return judge(load_id)


def audit_build(settings: Settings, build_id: int | None, *, is_full: bool) -> tuple[int, audit.AuditResult]:
    """What today's suites say of a build that is in a slot; without a number, of the one made last."""
    owner = warehouse.engine(settings)
    found = _slots(owner)
    if not found or (build_id is not None and build_id not in found):
        slots = ", ".join(f"{number} in {slot}" for number, slot in found.items()) or "none yet"
        what = f"Build {build_id} is in no slot" if build_id is not None else "There is no build to audit"
        raise TouchlineError(what, where="the slots of the marts", todo=f"builds at hand: {slots}")
    chosen = max(found) if build_id is None else build_id
    if found[chosen] == "marts_next":
        return chosen, steps.judge_build(settings, chosen, is_full=is_full)
    # What is published is held against the one before, everything older against nothing.
    is_live = found[chosen] == "marts" and "marts_previous" in found.values()
    published = audit.Published("marts_previous") if is_live else audit.Published(None, "it is not the newest build")
    result = audit.audit_marts(owner, chosen, settings.expectations_dir, found[chosen], published=published)
    return chosen, overrides.apply(owner, result)


def _slots(owner: Engine) -> dict[int, str]:
    """Build → the slot that holds it; of the one in the making only once its marts are there."""
    found: dict[int, str] = {}
    with owner.connect() as connection:
        for slot in reversed(_SLOTS):
            build_id = publish.slot_build(connection, slot)
            if build_id is not None and _is_made(owner, build_id):
                found[build_id] = slot
    return found


def _is_made(owner: Engine, build_id: int) -> bool:
    with owner.connect() as connection:
        query = text("select exists (select from ops.audits where build_id = :id)")
        return bool(connection.scalar(query, {"id": build_id}))
