"""The exported entities of the staff: who answers, what they do, when they are to be there, what they change."""

from touchline.synthetic.entities import COMMON, Entity


def _columns(text: str) -> tuple[str, ...]:
    return tuple(f"{text} {COMMON}".split())


AGENTS = Entity(
    "voice_center",
    "call_center",
    "agents",
    _columns("agent_id employee_id team"),
    key=("agent_id",),
    suffix=".tsv",
)
AGENT_STATES = Entity(
    "voice_center",
    "call_center",
    "agent_states",
    _columns("agent_id start_at state end_at is_productive"),
    key=("agent_id", "start_at"),
    instant="start_at",
    suffix=".tsv",
)
SHIFTS = Entity(
    "store_pos",
    "pos",
    "shifts",
    _columns("shift_id employee_id location_id start_at end_at"),
    key=("shift_id",),
    instant="start_at",
)
IMPROVEMENTS = Entity(
    "service_crm",
    "crm",
    "improvements",
    _columns("improvement_id kind suggestion_id standard_code touchpoint_code location_id changed_at"),
    key=("improvement_id",),
    instant="changed_at",
    enum="kind",
)
MANAGEMENT_VISITS = Entity(
    "service_crm",
    "crm",
    "management_visits",
    _columns("visit_id employee_id location_id queue_id started_at ended_at activity"),
    key=("visit_id",),
    instant="started_at",
    enum="activity",
)
