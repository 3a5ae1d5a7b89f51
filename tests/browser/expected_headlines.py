"""What the headlines must be: by arithmetic on the rows of marts_by_hand, and by SQL on the published marts."""

from marts_by_hand import FULL, QUIET

# Parts of 30 = 10 + 2 * 10 day-counts; see marts_by_hand.
EXPECTED: dict[tuple[str, str], tuple[float, str]] = {
    ("rpt_contact_center_days.service_level", FULL): (
        (40 + 9) / (47 + 3 - 1 + 15 + 5),
        (
            "select sum(answered_within_threshold) * 1.0"
            " / sum(answered + abandoned_in_queue - abandoned_within_threshold)"
            " from rpt_contact_center_days where brand = 'northwind' and is_complete and business_date > '2026-05-23'"
        ),
    ),
    ("rpt_contact_center_days.abandonment_share", FULL): (
        8 / 70,
        (
            "select sum(abandoned_in_queue) * 1.0 / sum(offered) from rpt_contact_center_days"
            " where brand = 'northwind' and is_complete and business_date > '2026-05-23'"
        ),
    ),
    ("rpt_contact_center_days.average_speed_of_answer_seconds", FULL): (
        (470 + 600) / (47 + 15),
        (
            "select sum(answered_queue_seconds) * 1.0 / sum(answered) from rpt_contact_center_days"
            " where brand = 'northwind' and is_complete and business_date > '2026-05-23'"
        ),
    ),
    ("rpt_contact_center_days.average_handle_seconds", FULL): (
        (14100 + 6000) / (47 + 15),
        (
            "select sum(handle_seconds) * 1.0 / sum(handled) from rpt_contact_center_days"
            " where brand = 'northwind' and is_complete and business_date > '2026-05-23'"
        ),
    ),
    ("rpt_efficiency.labour_seconds_per_resolution", FULL): (
        36000 / 40,
        "select all_labour_seconds / resolved from rpt_efficiency where open_episodes <= 1",
    ),
    ("rpt_demand_and_staffing.occupancy", FULL): (
        (6000 + 1000) / (6000 + 2000 + 1000 + 2600),
        (
            "select sum(handling_seconds) * 1.0 / sum(handling_seconds + idle_seconds) from rpt_demand_and_staffing"
            " where brand = 'northwind'"
        ),
    ),
    ("rpt_demand_and_staffing.missing_seconds", FULL): (
        500 / (9000 + 3600),
        "select sum(missing_seconds) * 1.0 / sum(rostered_seconds) from rpt_demand_and_staffing",
    ),
    ("rpt_first_contact_resolution.first_contact_resolution", FULL): (
        (28 + 17) / (40 + 20),
        (
            "select sum(without_return) * 1.0 / sum(closed_windows) from rpt_first_contact_resolution"
            " where channel = 'all' and issue_code = 'all' and period_month >= '2026-04-01'"
        ),
    ),
    ("rpt_channel_consistency.consistency", FULL): (
        0.7433,
        "select consistency from rpt_channel_consistency where period = 'all' and survey_type = 'csat'",
    ),
    ("rpt_channel_coverage.open_share", FULL): (
        80 / 100,
        (
            "select sum(in_hours) * 1.0 / sum(hours_known) from rpt_channel_coverage"
            " where channel = 'all' and hour_of_week = 'all'"
        ),
    ),
    ("rpt_location_coverage.open_share", FULL): (
        80 / 100,
        (
            "select sum(in_hours) * 1.0 / sum(hours_known) from rpt_location_coverage"
            " where period = 'all' and location_key <> 'all' and hour_of_week = 'all'"
        ),
    ),
    ("rpt_channel_coverage.containment_share", FULL): (
        12 / (20 + 76),
        "select sum(contained) * 1.0 / sum(judged) from rpt_channel_coverage where channel <> 'all'",
    ),
    ("rpt_issue_mix_consistency.equal_mix_consistency", FULL): (
        1.0,
        "select equal_mix_consistency from rpt_issue_mix_consistency where period = 'all' and survey_type = 'csat'",
    ),
    ("rpt_customer_consistency.mean_difference", FULL): (
        3.4 - 4.42,
        "select mean_score - other_mean_score from rpt_customer_consistency where other_channel = 'store'",
    ),
    ("rpt_price_parity.parity_share", FULL): (
        35 / 40,
        (
            "select sum(equal_days) * 1.0 / sum(product_days) from rpt_price_parity"
            " where basis = 'asked' and period = 'all' and category = 'all'"
        ),
    ),
    ("rpt_answer_parity.consistency", FULL): (0.58, "select min(consistency) from rpt_answer_parity"),
    ("rpt_channel_consistency.response_share", FULL): (
        300 / 1000,
        "select response_share from rpt_channel_consistency where period = 'all' and survey_type = 'csat'",
    ),
    ("rpt_retention_cohorts.retention", FULL): (
        (30 + 12 + 20) / (100 + 60 + 80),
        (
            "select sum(active_customers) * 1.0 / sum(cohort_size) from rpt_retention_cohorts"
            " where month_offset = 1 and is_month_closed and not is_burn_in"
        ),
    ),
    ("rpt_retention_curves.retention", FULL): (
        (40 + 16) / (100 + 60),
        (
            "select sum(returned) * 1.0 / sum(customers) from rpt_retention_curves"
            " where measure = 'return' and day_number = 30 and not is_burn_in"
        ),
    ),
    ("rpt_defection.lapsed_share", FULL): (
        0.36,
        "select lapsed_share from rpt_defection where trait = 'all'",
    ),
    # (.9 + .9 + 3 + .2) ÷ 4
    ("rpt_customer_value.expected_purchases", FULL): (1.25, "select avg(expected_purchases) from rpt_customer_value"),
    ("rpt_survival.survival", FULL): (
        0.7529,
        "select survival from rpt_survival where customer_group = 'all' and duration_months = 10",
    ),
    ("rpt_recovery.recovery_rate", FULL): (
        20 / 50,
        "select recovery_rate from rpt_recovery where period = 'all' and failure_type = 'all' and severity = 'all'",
    ),
    ("rpt_recovery.voiced_share", FULL): (
        30 / 50,
        "select voiced_share from rpt_recovery where period = 'all' and failure_type = 'all' and severity = 'all'",
    ),
    ("rpt_top_box_loyalty.difference", FULL): (
        0.8 - 0.7,
        "select difference from rpt_top_box_loyalty where outcome = 'retention' and purchase_days = 'all'",
    ),
    ("rpt_reviews.negative_answered_share", FULL): (
        (6 + 0) / (8 + 1),
        "select sum(negative_answered) * 1.0 / sum(negative_judged) from rpt_reviews where issue_code = 'all'",
    ),
    ("rpt_referrals.conversion_share", FULL): (
        9 / 20,
        "select converted * 1.0 / judged from rpt_referrals where issue_code = 'all'",
    ),
    ("rpt_same_day.same_day_share", FULL): (
        12 / 48,
        "select same_day * 1.0 / judged from rpt_same_day where failure_type = 'all' and day_basis = 'all'",
    ),
    ("rpt_recovery_paradox.difference", FULL): (
        0.85 - 0.80,
        "select difference from rpt_recovery_paradox where comparison = 'within_person' and standing = 'recovered'",
    ),
    ("rpt_complaint_handling.acknowledged_in_time_share", FULL): (
        8 / 9,
        (
            "select sum(acknowledged_in_time) * 1.0 / sum(acknowledgement_due) from rpt_complaint_handling"
            " where channel = 'all' and complaint_month >= '2026-04-01'"
        ),
    ),
    ("rpt_complaint_handling.apology_before_fix_share", FULL): (
        6 / 8,
        (
            "select sum(apologised_before_fix) * 1.0 / sum(fixed) from rpt_complaint_handling"
            " where channel = 'all' and complaint_month >= '2026-04-01'"
        ),
    ),
    ("rpt_complaint_handling.accepted_share", FULL): (
        4 / 5,
        (
            "select sum(outcomes_accepted) * 1.0 / sum(outcomes_known) from rpt_complaint_handling"
            " where channel = 'all' and complaint_month >= '2026-04-01'"
        ),
    ),
    # Of judged customers .55 bought again, of others like them .70.
    ("rpt_priorities.retention_difference", FULL): (
        0.55 - 0.70,
        "select retained_share - matched_share from rpt_priorities where priority = 1",
    ),
    ("rpt_failure_demand.failure_share", FULL): (
        (15 + 21) / (40 + 50),
        "select sum(failure_contacts) * 1.0 / (sum(contacts) / 4) from rpt_failure_demand where cause <> 'all'",
    ),
    ("rpt_journeys.broken_share", FULL): (
        (6 + 1 + 3) / (100 + 80),
        "select sum(broken) * 1.0 / sum(ended) from rpt_journeys",
    ),
    ("rpt_visible_results.reviewed_share", FULL): (
        (12 + 8) / (100 + 60),
        "select sum(reviewed) * 1.0 / sum(judged) from rpt_visible_results where channel = 'all'",
    ),
    ("rpt_interaction.silent_share", FULL): (
        (20 + 45) / (40 + 60),
        "select sum(silent) * 1.0 / sum(recorded) from rpt_interaction where channel = 'all'",
    ),
    ("rpt_service_preparation.prepared_share", FULL): (
        84 / 100,
        "select sum(prepared) * 1.0 / sum(judged) from rpt_service_preparation where unit_id = 'all' and kind = 'all'",
    ),
    ("rpt_follow_up.documented_share", FULL): (
        (20 + 35) / (40 + 60),
        "select sum(documented) * 1.0 / sum(closed) from rpt_follow_up where channel = 'all' and issue_code = 'all'",
    ),
    ("rpt_journeys.went_on_share", FULL): (
        (32 + 21) / (80 + 70),
        "select sum(went_on) * 1.0 / sum(judged) from rpt_journeys where journey_stage = 'during'",
    ),
    ("rpt_promises.kept_share", FULL): (
        (18 + 24) / (20 + 30),
        "select sum(kept) * 1.0 / sum(due) from rpt_promises where promise_type <> 'all'",
    ),
    ("rpt_waiting.quote_kept_share", FULL): (
        30 / 40,
        "select sum(quotes_kept) * 1.0 / sum(quotes_judged) from rpt_waiting where queue_id = 'all'",
    ),
    ("rpt_waiting.callback_kept_share", FULL): (
        9 / 12,
        "select sum(callbacks_kept) * 1.0 / sum(callbacks_due) from rpt_waiting where queue_id = 'all'",
    ),
    ("rpt_standard_attainment.attainment", FULL): (
        (15 + 6 + 15 + 15) / (20 + 10 + 20 + 20),
        "select sum(days_attained) * 1.0 / sum(days_judged) from rpt_standard_attainment where period <> 'all'",
    ),
    # high and basic, of three that are known
    ("rpt_service_levels.service_level", FULL): (
        2 / 3,
        (
            "select count(*) filter (where service_level <> 'none') * 1.0 / count(service_level)"
            " from rpt_service_levels where is_month_closed"
        ),
    ),
    ("rpt_service_launches.adopted_share", FULL): (
        30 / 200,
        "select active_adopted * 1.0 / active_people from rpt_service_launches where active_people = 200",
    ),
    ("rpt_improvement_loop.is_clear", FULL): (
        1,
        "select count(*) from rpt_improvement_loop where effect_lower > 0",
    ),
    ("rpt_management_presence.hours_per_executive_month", FULL): (
        9 / 6,
        (
            "select visit_seconds / 3600.0 / executive_months from rpt_management_presence"
            " where period = 'all' and activity = 'all'"
        ),
    ),
    ("rpt_presence_effect.effect", FULL): (
        (0.8 - 0.6) - (0.75 - 0.7),
        "select effect from rpt_presence_effect where unit_type = 'location'",
    ),
    ("rpt_role_models.is_clear", FULL): (
        1,
        "select count(*) from rpt_role_models where effect_lower > 0",
    ),
    ("rpt_next_need.confidence", FULL): (
        45 / 60,
        "select occasions_followed * 1.0 / occasions_with_antecedent from rpt_next_need order by lift desc limit 1",
    ),
    ("rpt_contact_pressure.opt_out_share", FULL): (
        30 / 100,
        "select opted_out * 1.0 / could_opt_out from rpt_contact_pressure where pressure_band = '7+'",
    ),
    ("rpt_preferences.used_share", FULL): (
        30 / 80,
        "select contacts_used * 1.0 / contacts from rpt_preferences where preference_code = 'all' and origin = 'all'",
    ),
    # one under, one over, of two that are judged
    ("rpt_segment_standards.service", FULL): (
        2 / 2,
        (
            "select count(*) filter (where service in ('under', 'over')) * 1.0 / count(delivered_share)"
            " from rpt_segment_standards"
        ),
    ),
    ("rpt_preferences.stale_share", FULL): (
        10 / 40,
        "select customers_stale * 1.0 / customers from rpt_preferences where preference_code = 'all'",
    ),
    ("rpt_participation.silent_share", FULL): (
        30 / 40,
        "select customers_silent * 1.0 / customers_asked from rpt_participation where segment_code = 'all'",
    ),
    ("rpt_participation.adopted_share", FULL): (
        5 / 20,
        "select suggestions_adopted * 1.0 / suggestions_judged from rpt_participation where segment_code = 'all'",
    ),
    ("rpt_service_gaps.customer_gap", FULL): (
        -0.26,
        "select customer_gap from rpt_service_gaps where dimension = 'all'",
    ),
    ("rpt_service_pnl.service_cost_share", FULL): (
        (10 + 8 + 2 + 4) / 100,
        (
            "select service_cost * 1.0 / net_sales from rpt_service_pnl"
            " where segment_code = 'all' and period_month = '2026-05-01'"
        ),
    ),
    ("rpt_service_pnl.margin_after_service", FULL): (
        100 - 40 - 24,
        (
            "select net_sales - cost_of_goods - service_cost from rpt_service_pnl"
            " where segment_code = 'all' and period_month = '2026-05-01'"
        ),
    ),
    # of three that could be estimated
    ("rpt_service_profit_chain.is_clear", FULL): (
        1,
        "select count(*) from rpt_service_profit_chain where coefficient_lower * coefficient_upper > 0",
    ),
    ("rpt_customer_flywheel.free_retention", FULL): (
        12 / 40,
        "select free_came_again * 1.0 / free from rpt_customer_flywheel where is_window_closed",
    ),
    ("rpt_delivered_value.price_premium", FULL): (
        95 / 100 - 1,
        "select realised_value / dated_value - 1 from rpt_delivered_value where segment_code = 'all'",
    ),
    ("rpt_empowerment.first_share", FULL): (
        24 / 40,
        "select sum(closed_by_first) * 1.0 / sum(closers_known) from rpt_empowerment where failure_type <> 'all'",
    ),
    ("rpt_empowerment.approval_hours", FULL): (
        5.5 - 2.25,
        "select hours_approved - hours_alone from rpt_empowerment where failure_type = 'all'",
    ),
    # one of ten left, then one of six
    ("rpt_employee_survival.survival", FULL): (
        9 / 10 * 5 / 6,
        "select survival from rpt_employee_survival where duration_months = 2",
    ),
    ("rpt_employee_flywheel.mood_mean", FULL): (
        70,
        "select mood_mean from rpt_employee_flywheel where team = 'all' and period = 'all'",
    ),
    # below and above, of the four that have enough
    ("rpt_employee_scorecards.standing", FULL): (
        2 / 4,
        (
            "select count(*) filter (where standing <> 'overlaps') * 1.0 / count(standing)"
            " from rpt_employee_scorecards where period = 'all'"
        ),
    ),
    ("fct_transactions.customer_id", FULL): (
        7 / 10,
        (
            "select count(customer_id) * 1.0 / count(*) from fct_transactions where brand = 'northwind'"
            " and status = 'completed' and not is_return and closed_at <= '2026-06-21 12:00Z'"
        ),
    ),
    ("fct_transactions.customer_id", QUIET): (
        3 / 3,
        "select count(customer_id) * 1.0 / count(*) from fct_transactions where brand = 'quiet'",
    ),
    ("fct_touchpoints.customer_id", FULL): (
        60 / 100,
        (
            "select count(customer_id) * 1.0 / count(*) from fct_touchpoints where brand = 'northwind'"
            " and occurred_at <= '2026-06-21 12:00Z'"
        ),
    ),
}
LATER: dict[tuple[str, str], list[float]] = {
    # The second instrument is answered by 12 of 40; month 3 has one cohort outside the burn-in.
    ("rpt_channel_consistency.response_share", FULL): [12 / 40],
    ("rpt_retention_cohorts.retention", FULL): [15 / 100],
}
FROM_LEDGER = {"ops.audits.checks": 1, "ops.loads.quarantined": 30 / 1003, "ops.loads.state": 1}
