"""Further exported entities: what tells of the single customer."""

from touchline.synthetic.entities import COMMON, Entity


def _columns(text: str) -> tuple[str, ...]:
    return tuple(f"{text} {COMMON}".split())


CAMPAIGN_TOUCHES = Entity(
    "service_crm",
    "crm",
    "campaign_touches",
    _columns("touch_id contact_id channel touched_at claim_code"),
    key=("touch_id",),
    instant="touched_at",
)
PREFERENCES = Entity(
    "service_crm",
    "crm",
    "preferences",
    _columns("contact_id code value origin recorded_by recorded_at"),
    key=("contact_id", "code"),
    instant="recorded_at",
    enum="origin",
)
PREFERENCE_USES = Entity(
    "service_crm",
    "crm",
    "preference_uses",
    _columns("contact_id code used_at ref_type ref_id"),
    key=("contact_id", "code", "used_at"),
    instant="used_at",
)
SUGGESTIONS = Entity(
    "service_crm",
    "crm",
    "suggestions",
    _columns("suggestion_id contact_id employee_id channel submitted_at topic adopted_at"),
    key=("suggestion_id",),
    instant="submitted_at",
)
COMMITMENTS = Entity(
    "service_crm",
    "crm",
    "commitments",
    _columns("contact_id kind valid_from valid_to"),
    key=("contact_id", "kind", "valid_from"),
)
