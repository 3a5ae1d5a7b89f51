"""Every entity and column the contracts must have, written by hand."""

import re
from collections.abc import Iterator

# Written by hand: `entity: key | other columns`; ? may be null, ! personal. Every entity ends with `COMMON`.
COMMON = "source_updated_at? is_deleted"
EXPECTED = {
    "pos": """
locations: location_id | name timezone region? format? manager_employee_id?
transactions: transaction_id | location_id register_id? employee_id? customer_ref? loyalty_id? email?! phone?! channel
  opened_at? closed_at status subtotal? discount? tax? total? currency delivery_cost? return_of_transaction_id?
  queue_ticket_id? due_at? fulfilled_at?
transaction_lines: transaction_id line_no | product_id quantity unit_price? discount? net_amount override_reason?
  authorised_by_employee_id? return_reason?
employees: employee_id valid_from | location_id? role hired_on left_on? empowerment_limit? currency? is_executive
shifts: shift_id | employee_id location_id start_at end_at
products: product_id | sku category unit_cost? list_price? currency?
prices: product_id channel location_id valid_from | price currency valid_to?
location_hours: location_id weekday opens valid_from | closes valid_to?
holidays: location_id holiday_date |
queue_tickets: queue_ticket_id | location_id joined_at quoted_wait_seconds? called_at? left_at? outcome
service_checklists: location_id service_date item_code ref_id | ref_type? kind is_required done_at? employee_id?
service_observations: observation_id | location_id? queue_id? employee_id? observed_at item_code is_observed? score?
  observer
""",
    "crm": """
contacts: contact_id | full_name?! email?! phone?! loyalty_id? birth_year?! postal_code?! created_at segment_code?
  preferred_channel? master_contact_id? consent_marketing? consent_profiling?
cases: case_id | contact_id? origin_channel case_kind issue_type? order_ref? location_id? queue_id? priority? severity?
  status created_at first_response_at? resolved_at? closed_at? record_viewed_at? owner_employee_id? is_escalated
  parent_case_id? resolution_code?
survey_responses: response_id | survey_type survey_version contact_id? employee_id? sent_at? responded_at?
  survey_channel? service_channel? location_id? queue_id? touchpoint_ref_type? touchpoint_ref_id? score? scale_min
  scale_max higher_is_better comment?!
case_events: event_id | case_id event_type occurred_at actor_type actor_id? channel? from_value? to_value? is_public
contact_merges: surviving_id merged_id | merged_at unmerged_at?
promises: promise_id | contact_id? ref_type ref_id promise_type made_at due_at fulfilled_at? made_by owner_employee_id?
recoveries: recovery_id | case_id? ref_type? ref_id? failure_type detected_at acknowledged_at? compensation_amount?
  currency? first_employee_id? employee_id? approval_requested_at? approved_by? decided_at? is_escalated completed_at?
  outcome?
survey_items: response_id item_code side | dimension score
management_expectations: dimension segment_code recorded_on | expected_score scale_min scale_max
service_standards: standard_code valid_from | dimension touchpoint_code channel? segment_code? metric_code aggregation
  operator target target_uom min_n service_level owner_employee_id? valid_to?
preferences: contact_id code | value! origin recorded_by? recorded_at
preference_uses: contact_id code used_at | ref_type? ref_id?
segment_memberships: contact_id segment_code valid_from | valid_to? is_target?
commitments: contact_id kind valid_from | valid_to?
reviews: review_id | platform rating scale_max posted_at contact_id? location_id? body?! responded_at? has_media?
referrals: referral_id | referrer_contact_id referred_contact_id? referred_at converted_transaction_id?
suggestions: suggestion_id | contact_id? employee_id? channel submitted_at topic adopted_at?
improvements: improvement_id | kind suggestion_id? standard_code? touchpoint_code? location_id? changed_at
campaign_touches: touch_id | contact_id channel touched_at claim_code?
digital_events: event_id | contact_id? email?! channel event_type occurred_at product_id?
management_visits: visit_id | employee_id location_id? queue_id? started_at ended_at activity
recognitions: recognition_id | employee_id kind standard_code? recognised_at
trainings: employee_id course_code completed_at | hours
erasure_requests: request_id | identifier_type identifier! requested_at scope completed_at?
""",
    "call_center": """
contacts: contact_id | initial_contact_id? previous_contact_id? next_contact_id? channel direction initiation_method
  customer_endpoint?! customer_ref? dialled_endpoint? initiated_at connected_to_system_at? enqueued_at? dequeued_at?
  connected_to_agent_at? disconnected_at? transfer_completed_at? queue_id? agent_id? interaction_seconds? hold_seconds?
  hold_count? after_contact_work_seconds? agent_attempts? disconnected_by? disposition_code? issue_type? case_id?
  is_resolved? reasked_identity? reasked_issue? record_viewed_at? verified_contact_id? self_service_steps?
queues: queue_id | name timezone service_level_threshold_seconds short_abandon_seconds
queue_hours: queue_id weekday opens valid_from | closes valid_to?
agents: agent_id | employee_id? team?
agent_states: agent_id start_at | state end_at is_productive
wait_notices: contact_id notified_at | kind quoted_seconds? is_accepted?
callbacks: callback_id | contact_id requested_at promised_from promised_to attempted_at? connected_at?
evaluations: evaluation_id item_code | contact_id score max_score
sentiments: contact_id offset_seconds party | score
""",
}


def expected_entities() -> Iterator[tuple[tuple[str, str], list[str], list[str]]]:
    """(kind and entity, key, other columns), marks included."""
    for kind, entities in EXPECTED.items():
        for line in re.sub(r"\n  ", " ", entities).strip().splitlines():
            entity, key, rest = re.fullmatch(r"(\w+): ([^|]*)\|(.*)", line).groups()  # type: ignore[union-attr]
            yield (kind, entity), key.split(), [*rest.split(), *COMMON.split()]
