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
DIGITAL_EVENTS = Entity(
    "service_crm",
    "crm",
    "digital_events",
    _columns("event_id contact_id email channel event_type occurred_at product_id"),
    key=("event_id",),
    instant="occurred_at",
    enum="channel",
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
REVIEWS = Entity(
    "service_crm",
    "crm",
    "reviews",
    _columns("review_id platform rating scale_max posted_at contact_id location_id body responded_at has_media"),
    key=("review_id",),
    instant="posted_at",
    amount="rating",
)
REFERRALS = Entity(
    "service_crm",
    "crm",
    "referrals",
    _columns("referral_id referrer_contact_id referred_contact_id referred_at converted_transaction_id"),
    key=("referral_id",),
    instant="referred_at",
)
