{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_segment_periods'}],
    indexes=[{'columns': ['customer_id']}],
) }}
with

periods as (
    select * from {{ ref('int_segment_periods') }}
    {{ where_changed() }}
),

boundaries as (
    select
        brand,
        customer_id,
        valid_from as day
    from periods
    union
    select
        brand,
        customer_id,
        valid_to as day
    from periods
),

spans as (
    select
        brand,
        customer_id,
        day as valid_from,
        lead(day) over (partition by brand, customer_id order by day) as valid_to
    from boundaries
),

-- of several segments at once the latest begun stands, as in dim_customers
states as (
    select
        spans.brand,
        spans.customer_id,
        spans.valid_from,
        spans.valid_to,
        {{ first_known(
            'periods.segment_code',
            'periods.valid_from desc, ' ~ byte_order('periods.segment_code') ~ ' asc'
        ) }} as segment_code,
        max(cast(periods.is_target as integer)) as target_flag,
        count(distinct periods.segment_code) as segment_count
    from spans
    inner join periods
        on
            spans.brand = periods.brand
            and spans.customer_id = periods.customer_id
            and spans.valid_from >= periods.valid_from
            and spans.valid_from < periods.valid_to
    group by spans.brand, spans.customer_id, spans.valid_from, spans.valid_to
),

compared as (
    select
        *,
        case
            when
                lag(valid_to) over (partition by brand, customer_id order by valid_from) = valid_from
                and lag(segment_code) over (partition by brand, customer_id order by valid_from) = segment_code
                and coalesce(lag(target_flag) over (partition by brand, customer_id order by valid_from), -1)
                = coalesce(target_flag, -1)
                and lag(segment_count) over (partition by brand, customer_id order by valid_from) = segment_count
                then 0
            else 1
        end as is_changed
    from states
),

numbered as (
    select
        *,
        sum(is_changed) over (
            partition by brand, customer_id order by valid_from rows between unbounded preceding and current row
        ) as version_number
    from compared
)

select
    customer_id || '/' || cast(min(valid_from) as text) as customer_version_key,
    brand,
    customer_id,
    cast(version_number as integer) as version_number,
    min(valid_from) as valid_from,
    max(valid_to) as valid_to,
    segment_code,
    target_flag = 1 as is_target,
    cast(segment_count as integer) as segment_count
from numbered
group by brand, customer_id, version_number, segment_code, target_flag, segment_count
