{{ config(materialized='view') }}
-- no `with`: Postgres looks up single keys through a view only if it can take the view apart
select
    touchpoints.touch_key,
    touchpoints.brand,
    touchpoints.customer_id,
    coalesce(touchpoints.channel, 'unknown') as channel,
    touchpoints.occurred_at,
    greatest(touchpoints.occurred_at, coalesce(touchpoints.ended_at, touchpoints.occurred_at)) as ended_at,
    touchpoints.business_date,
    touchpoints.issue_code,
    touchpoints.case_key,
    touchpoints.transaction_key,
    touchpoints.is_complaint,
    case when touchpoints.ref_type = 'call' then touchpoints.ref_key end as call_key,
    horizons.as_of
from {{ ref('fct_touchpoints') }} as touchpoints
inner join {{ ref('int_brand_horizons') }} as horizons
    on touchpoints.brand = horizons.brand
where
    touchpoints.ref_type in ('call', 'case')
    and touchpoints.direction = 'inbound'
    and touchpoints.occurred_at <= horizons.as_of
