{%- set formula = var('service_level_formula', 'late_abandoned_counted') -%}
{%- set default_parts = service_level_parts(formula) -%}

with

parts as (
    select * from {{ ref('int_contact_center_days') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

days as (
    select
        parts.*,
        parts.business_date < horizons.as_of_date as is_complete
    from parts
    inner join horizons
        on parts.brand = horizons.brand
)

select
    *,
    {{ service_level('handled_of_offered') }} as service_level_handled_of_offered,
    {{ service_level('answered_of_answered') }} as service_level_answered_of_answered,
    {{ service_level('answered_of_offered') }} as service_level_answered_of_offered,
    {{ service_level('late_abandoned_counted') }} as service_level_late_abandoned_counted,
    {{ service_level('short_abandoned_as_served') }} as service_level_short_abandoned_as_served,
    {{ service_level('short_abandoned_excluded') }} as service_level_short_abandoned_excluded,
    '{{ formula }}' as service_level_formula,
    {{ ratio(default_parts[0], default_parts[1]) }} as service_level,
    {{ wilson_lower(default_parts[0], default_parts[1]) }} as service_level_lower,
    {{ wilson_upper(default_parts[0], default_parts[1]) }} as service_level_upper,
    {{ ratio('answered_queue_seconds', 'answered') }} as average_speed_of_answer_seconds,
    {{ ratio('handle_seconds', 'handled') }} as average_handle_seconds,
    {{ ratio('abandoned_in_queue', 'offered') }} as abandonment_share,
    {{ wilson_lower('abandoned_in_queue', 'offered') }} as abandonment_share_lower,
    {{ wilson_upper('abandoned_in_queue', 'offered') }} as abandonment_share_upper,
    {{ ratio('(abandoned_in_queue - short_abandoned)', '(offered - short_abandoned)') }} as late_abandonment_share,
    {{ var('service_level_threshold_seconds') }} as service_level_threshold_seconds,
    {{ var('short_abandonment_seconds') }} as short_abandonment_seconds
from days
