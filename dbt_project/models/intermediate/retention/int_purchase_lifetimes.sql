with

spending as (
    select * from {{ ref('int_customer_spending') }}
),

segment_periods as (
    select * from {{ ref('int_segment_periods') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

lifetimes as (
    select
        spending.brand,
        spending.customer_id,
        horizons.as_of_date,
        spending.first_purchase_date as started_on,
        {{ add_days('spending.last_purchase_date', var('lapse_days')) }} as lapses_on
    from spending
    inner join horizons on spending.brand = horizons.brand
),

-- The segment held on the day of the first purchase; what a customer became later must not sort the start.
entries as (
    select
        lifetimes.*,
        segment_periods.segment_code,
        row_number() over (
            partition by lifetimes.brand, lifetimes.customer_id
            order by segment_periods.valid_from desc nulls last, {{ byte_order('segment_periods.segment_code') }}
        ) as preference
    from lifetimes
    left join segment_periods
        on
            lifetimes.brand = segment_periods.brand
            and lifetimes.customer_id = segment_periods.customer_id
            and lifetimes.started_on >= segment_periods.valid_from
            and lifetimes.started_on < segment_periods.valid_to
)

select
    brand,
    customer_id,
    'purchase' as basis,
    coalesce(segment_code, 'unknown') as entry_segment_code,
    started_on,
    case when lapses_on <= as_of_date then lapses_on else as_of_date end as observed_until,
    lapses_on <= as_of_date as is_ended
from entries
where preference = 1
