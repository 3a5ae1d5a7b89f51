{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

touchpoints as (
    select * from {{ ref('fct_touchpoints') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

ranked as (
    select
        touchpoints.*,
        row_number() over (
            partition by touchpoints.brand, touchpoints.customer_id
            order by touchpoints.occurred_at desc, {{ byte_order('touchpoints.touch_key') }} desc
        ) as recency_rank
    from touchpoints
    inner join horizons on touchpoints.brand = horizons.brand
    where
        touchpoints.customer_id is not null {{ and_changed('touchpoints.customer_id') }}
        and touchpoints.occurred_at <= horizons.as_of
)

select
    brand,
    customer_id,
    count(*) as touches,
    count(distinct channel) as channels_used,
    max(occurred_at) as last_touch_at,
    max(business_date) as last_touch_date,
    max(case when recency_rank = 1 then touch_key end) as last_touch_key,
    max(case when recency_rank = 1 then channel end) as last_touch_channel,
    max(case when recency_rank = 1 then touchpoint_code end) as last_touchpoint_code
from ranked
group by brand, customer_id
