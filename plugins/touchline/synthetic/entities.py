"""The exported entities: file layout, columns in contract order, and where a record can break."""

from dataclasses import dataclass

COMMON = "source_updated_at is_deleted"


@dataclass(frozen=True)
class Entity:
    """One exported table: its columns, key, and the required columns that dirt may break."""

    source: str
    kind: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    instant: str | None = None
    amount: str | None = None
    enum: str | None = None
    suffix: str = ".csv"

    @property
    def delimiter(self) -> str:
        """The field separator of the entity's files."""
        return "\t" if self.suffix.startswith(".tsv") else ","


def _columns(text: str) -> tuple[str, ...]:
    return tuple(f"{text} {COMMON}".split())


LOCATIONS = Entity(
    "store_pos",
    "pos",
    "locations",
    _columns("location_id name timezone region format manager_employee_id"),
    key=("location_id",),
)
TRANSACTIONS = Entity(
    "store_pos",
    "pos",
    "transactions",
    _columns(
        "transaction_id location_id register_id employee_id customer_ref loyalty_id email phone channel "
        "opened_at closed_at status subtotal discount tax total currency delivery_cost "
        "return_of_transaction_id queue_ticket_id due_at fulfilled_at"
    ),
    key=("transaction_id",),
    instant="closed_at",
    amount="total",
    enum="channel",
    suffix=".csv.gz",
)
TRANSACTION_LINES = Entity(
    "store_pos",
    "pos",
    "transaction_lines",
    _columns(
        "transaction_id line_no product_id quantity unit_price discount net_amount override_reason "
        "authorised_by_employee_id return_reason"
    ),
    key=("transaction_id", "line_no"),
    amount="net_amount",
    suffix=".csv.gz",
)
CONTACTS = Entity(
    "service_crm",
    "crm",
    "contacts",
    _columns(
        "contact_id full_name email phone loyalty_id birth_year postal_code created_at segment_code "
        "preferred_channel master_contact_id consent_marketing consent_profiling"
    ),
    key=("contact_id",),
    instant="created_at",
)
CASES = Entity(
    "service_crm",
    "crm",
    "cases",
    _columns(
        "case_id contact_id origin_channel case_kind issue_type order_ref location_id queue_id priority "
        "severity status created_at first_response_at resolved_at closed_at record_viewed_at "
        "owner_employee_id is_escalated parent_case_id resolution_code"
    ),
    key=("case_id",),
    instant="created_at",
    enum="origin_channel",
)
CASE_EVENTS = Entity(
    "service_crm",
    "crm",
    "case_events",
    _columns("event_id case_id event_type occurred_at actor_type actor_id channel from_value to_value is_public"),
    key=("event_id",),
    instant="occurred_at",
    enum="event_type",
)
SURVEY_RESPONSES = Entity(
    "service_crm",
    "crm",
    "survey_responses",
    _columns(
        "response_id survey_type survey_version contact_id employee_id sent_at responded_at "
        "survey_channel service_channel location_id queue_id touchpoint_ref_type touchpoint_ref_id score "
        "scale_min scale_max higher_is_better comment"
    ),
    key=("response_id",),
    amount="scale_max",
    enum="survey_type",
)
RECOVERIES = Entity(
    "service_crm",
    "crm",
    "recoveries",
    _columns(
        "recovery_id case_id ref_type ref_id failure_type detected_at acknowledged_at compensation_amount "
        "currency first_employee_id employee_id approval_requested_at approved_by decided_at is_escalated "
        "completed_at outcome"
    ),
    key=("recovery_id",),
    instant="detected_at",
)
CONTACT_MERGES = Entity(
    "service_crm",
    "crm",
    "contact_merges",
    _columns("surviving_id merged_id merged_at unmerged_at"),
    key=("surviving_id", "merged_id"),
    instant="merged_at",
)
SEGMENT_MEMBERSHIPS = Entity(
    "service_crm",
    "crm",
    "segment_memberships",
    _columns("contact_id segment_code valid_from valid_to is_target"),
    key=("contact_id", "segment_code", "valid_from"),
)
PROMISES = Entity(
    "service_crm",
    "crm",
    "promises",
    _columns(
        "promise_id contact_id ref_type ref_id promise_type made_at due_at fulfilled_at made_by owner_employee_id"
    ),
    key=("promise_id",),
    instant="made_at",
    enum="made_by",
)
SERVICE_STANDARDS = Entity(
    "service_crm",
    "crm",
    "service_standards",
    _columns(
        "standard_code valid_from dimension touchpoint_code channel segment_code metric_code aggregation operator "
        "target target_uom min_n service_level owner_employee_id valid_to"
    ),
    key=("standard_code", "valid_from"),
)
SURVEY_ITEMS = Entity(
    "service_crm",
    "crm",
    "survey_items",
    _columns("response_id item_code side dimension score"),
    key=("response_id", "item_code", "side"),
    amount="score",
    enum="side",
)
MANAGEMENT_EXPECTATIONS = Entity(
    "service_crm",
    "crm",
    "management_expectations",
    _columns("dimension segment_code recorded_on expected_score scale_min scale_max"),
    key=("dimension", "segment_code", "recorded_on"),
)
EMPLOYEES = Entity(
    "store_pos",
    "pos",
    "employees",
    _columns("employee_id valid_from location_id role hired_on left_on empowerment_limit currency is_executive"),
    key=("employee_id", "valid_from"),
)
SERVICE_OBSERVATIONS = Entity(
    "store_pos",
    "pos",
    "service_observations",
    _columns("observation_id location_id queue_id employee_id observed_at item_code is_observed score observer"),
    key=("observation_id",),
    instant="observed_at",
    enum="observer",
)
PRODUCTS = Entity(
    "store_pos",
    "pos",
    "products",
    _columns("product_id sku category unit_cost list_price currency"),
    key=("product_id",),
)
PRICES = Entity(
    "store_pos",
    "pos",
    "prices",
    _columns("product_id channel location_id valid_from price currency valid_to"),
    key=("product_id", "channel", "location_id", "valid_from"),
)
CALLS = Entity(
    "voice_center",
    "call_center",
    "contacts",
    _columns(
        "contact_id initial_contact_id previous_contact_id next_contact_id channel direction "
        "initiation_method customer_endpoint customer_ref dialled_endpoint initiated_at "
        "connected_to_system_at enqueued_at dequeued_at connected_to_agent_at disconnected_at "
        "transfer_completed_at queue_id agent_id interaction_seconds hold_seconds hold_count "
        "after_contact_work_seconds agent_attempts disconnected_by disposition_code issue_type case_id "
        "is_resolved reasked_identity reasked_issue record_viewed_at verified_contact_id "
        "self_service_steps"
    ),
    key=("contact_id",),
    instant="initiated_at",
    enum="channel",
    suffix=".tsv",
)
WAIT_NOTICES = Entity(
    "voice_center",
    "call_center",
    "wait_notices",
    _columns("contact_id notified_at kind quoted_seconds is_accepted"),
    key=("contact_id", "notified_at"),
    instant="notified_at",
    enum="kind",
    suffix=".tsv",
)
CALLBACKS = Entity(
    "voice_center",
    "call_center",
    "callbacks",
    _columns("callback_id contact_id requested_at promised_from promised_to attempted_at connected_at"),
    key=("callback_id",),
    instant="requested_at",
    suffix=".tsv",
)
