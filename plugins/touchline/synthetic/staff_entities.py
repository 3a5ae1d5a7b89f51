"""The exported entities of the staff and its hours: who answers and when, what they change, when it is open."""

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
QUEUE_HOURS = Entity(
    "voice_center",
    "call_center",
    "queue_hours",
    _columns("queue_id weekday opens closes valid_from valid_to"),
    key=("queue_id", "weekday", "opens", "valid_from"),
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
IMPROVEMENTS = Entity(
    "service_crm",
    "crm",
    "improvements",
    _columns("improvement_id kind suggestion_id standard_code touchpoint_code location_id changed_at"),
    key=("improvement_id",),
    instant="changed_at",
    enum="kind",
)
LOCATION_HOURS = Entity(
    "store_pos",
    "pos",
    "location_hours",
    _columns("location_id weekday opens closes valid_from valid_to"),
    key=("location_id", "weekday", "opens", "valid_from"),
)
HOLIDAYS = Entity(
    "store_pos",
    "pos",
    "holidays",
    _columns("location_id holiday_date"),
    key=("location_id", "holiday_date"),
)
SERVICE_CHECKLISTS = Entity(
    "store_pos",
    "pos",
    "service_checklists",
    _columns("location_id service_date item_code ref_id ref_type kind is_required done_at employee_id"),
    key=("location_id", "service_date", "item_code", "ref_id"),
    instant="done_at",
    enum="kind",
)
RECOGNITIONS = Entity(
    "service_crm",
    "crm",
    "recognitions",
    _columns("recognition_id employee_id kind standard_code recognised_at"),
    key=("recognition_id",),
    instant="recognised_at",
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
