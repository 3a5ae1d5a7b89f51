with

customers as (
    select * from {{ ref('dim_customers') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

touches as (
    select * from {{ ref('int_customer_touches') }}
),

episodes as (
    select * from {{ ref('int_customer_episodes') }}
),

matters as (
    select * from {{ ref('int_customer_matters') }}
),

scores as (
    select * from {{ ref('int_customer_scores') }}
),

spending as (
    select * from {{ ref('int_customer_spending') }}
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
    horizons.as_of
from customers
inner join horizons
    on customers.brand = horizons.brand
left join touches
    on customers.brand = touches.brand and customers.customer_id = touches.customer_id
left join episodes
    on customers.brand = episodes.brand and customers.customer_id = episodes.customer_id
left join matters
    on customers.brand = matters.brand and customers.customer_id = matters.customer_id
left join scores
    on customers.brand = scores.brand and customers.customer_id = scores.customer_id
left join spending
    on customers.brand = spending.brand and customers.customer_id = spending.customer_id
