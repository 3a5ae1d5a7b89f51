{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_customer_spending'}, {'model': 'int_segment_periods'}],
    indexes=[{'columns': ['customer_id']}],
) }}
with

spending as (
    select * from {{ ref('int_customer_spending') }}
    {{ where_changed() }}
),

-- The segment held on the day of the first purchase; what a customer became later must not sort the start.
entries as (
    select
        spending.brand,
        spending.customer_id,
        spending.first_purchase_date,
        spending.last_purchase_date,
        segment_periods.segment_code,
        row_number() over (
            partition by spending.brand, spending.customer_id
            order by segment_periods.valid_from desc nulls last, {{ byte_order('segment_periods.segment_code') }}
        ) as preference
    from spending
    left join {{ ref('int_segment_periods') }} as segment_periods
        on
            spending.brand = segment_periods.brand
            and spending.customer_id = segment_periods.customer_id
            and spending.first_purchase_date >= segment_periods.valid_from
            and spending.first_purchase_date < segment_periods.valid_to
)

select
    brand,
    customer_id,
    coalesce(segment_code, 'unknown') as entry_segment_code,
    first_purchase_date,
    last_purchase_date
from entries
where preference = 1
