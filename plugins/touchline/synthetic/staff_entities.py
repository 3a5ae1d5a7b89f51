"""The exported entities of the staff: who answers, what they do, when they are to be there."""

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
TRAININGS = Entity(
    "service_crm",
    "crm",
    "trainings",
    _columns("employee_id course_code completed_at hours"),
    key=("employee_id", "course_code", "completed_at"),
    instant="completed_at",
)
