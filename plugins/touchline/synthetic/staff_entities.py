"""The exported entities that tell of employees: who answers as which agent."""

from touchline.synthetic.entities import COMMON, Entity

AGENTS = Entity(
    "voice_center",
    "call_center",
    "agents",
    ("agent_id", "employee_id", "team", *COMMON.split()),
    key=("agent_id",),
    suffix=".tsv",
)
