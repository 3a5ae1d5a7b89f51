with

promises as (
    select
        brand,
        customer_id,
        count(*) as open_promises,
        count(case when is_overdue then 1 end) as overdue_promises,
        min(due_at) as next_promise_due_at
    from {{ ref('rpt_open_promises') }}
    where customer_id is not null
    group by brand, customer_id
),

-- one text, for whoever answers reads it as one
preferences as (
    select
        brand,
        customer_id,
        count(*) as preferences,
        {{ listed(
            "preference_code || ' (' || origin || ' ' || age_days || ' days ago' || coalesce(', used in ' || contacts_used || ' of '"
            ~ " || contacts || ' contacts', '') || ')'",
            byte_order('preference_code')
        ) }} as preferences_known
    from {{ ref('int_known_preferences') }}
    where preference_code <> 'all' and origin <> 'all'
    group by brand, customer_id
)

select
    customers.customer_id,
    customers.brand,
    customers.identity_quality,
    customers.segment_code,
    customers.preferred_channel,
    customers.first_seen_at,
    customers.last_seen_at,
    coalesce(touches.touches, 0) as touches,
    coalesce(touches.channels_used, 0) as channels_used,
    touches.last_touch_at,
    touches.last_touch_key,
    touches.last_touch_channel,
    touches.last_touchpoint_code,
    {{ days_between('touches.last_touch_date', 'horizons.as_of_date') }} as days_since_last_touch,
    coalesce(episodes.episodes, 0) as episodes,
    coalesce(episodes.open_episodes, 0) as open_episodes,
    episodes.last_episode_key,
    episodes.last_episode_issue_code,
    episodes.last_episode_started_at,
    episodes.is_last_episode_open,
    episodes.recent_episodes,
    coalesce(matters.cases, 0) as cases,
    coalesce(matters.open_cases, 0) as open_cases,
    coalesce(matters.complaints, 0) as complaints,
    coalesce(matters.failures, 0) as failures,
    coalesce(matters.unrecovered_failures, 0) as unrecovered_failures,
    scores.last_csat_score,
    scores.last_csat_version,
    scores.last_csat_at,
    scores.last_nps_score,
    scores.last_nps_version,
    scores.last_nps_at,
    coalesce(spending.purchases, 0) as purchases,
    horizons.currency,
    cast(coalesce(spending.spend, 0) as decimal(18, 2)) as spend,
    coalesce(spending.purchases_in_other_currencies, 0) as purchases_in_other_currencies,
    spending.first_purchase_date,
    spending.last_purchase_date,
    {{ days_between('spending.last_purchase_date', 'horizons.as_of_date') }} as days_since_last_purchase,
    forecasts.expected_spend,
    forecasts.forecast_days,
    1 - forecasts.probability_alive as risk_of_having_left,
    {{ days_between('spending.last_purchase_date', 'horizons.as_of_date') }} >= {{ var('lapse_days') }} as has_lapsed,
    coalesce(promises.open_promises, 0) as open_promises,
    coalesce(promises.overdue_promises, 0) as overdue_promises,
    promises.next_promise_due_at,
    coalesce(preferences.preferences, 0) as preferences,
    preferences.preferences_known,
    horizons.as_of
from {{ ref('dim_customers') }} as customers
inner join {{ ref('int_brand_horizons') }} as horizons
    on customers.brand = horizons.brand
left join {{ ref('int_customer_touches') }} as touches
    on customers.brand = touches.brand and customers.customer_id = touches.customer_id
left join {{ ref('int_customer_episodes') }} as episodes
    on customers.brand = episodes.brand and customers.customer_id = episodes.customer_id
left join {{ ref('int_customer_matters') }} as matters
    on customers.brand = matters.brand and customers.customer_id = matters.customer_id
left join {{ ref('int_customer_scores') }} as scores
    on customers.brand = scores.brand and customers.customer_id = scores.customer_id
left join {{ ref('int_customer_spending') }} as spending
    on customers.brand = spending.brand and customers.customer_id = spending.customer_id
left join {{ ref('rpt_customer_value') }} as forecasts
    on customers.brand = forecasts.brand and customers.customer_id = forecasts.customer_id
left join promises
    on customers.brand = promises.brand and customers.customer_id = promises.customer_id
left join preferences
    on customers.brand = preferences.brand and customers.customer_id = preferences.customer_id
