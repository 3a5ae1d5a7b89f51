with

-- one touch may be a use at several records of one launch
uses as (
    select distinct
        improvements.change_key,
        uses.brand,
        uses.customer_id,
        uses.touch_key,
        uses.occurred_at,
        uses.business_date
    from {{ ref('int_launch_uses') }} as uses
    inner join {{ ref('int_improvements') }} as improvements on uses.improvement_key = improvements.improvement_key
),

placed as (
    select
        *,
        row_number() over (
            partition by change_key, brand, customer_id order by occurred_at, {{ byte_order('touch_key') }}
        ) as place
    from uses
)

select
    change_key,
    brand,
    customer_id,
    min(occurred_at) as first_used_at,
    min(case when place = 1 then {{ add_days('business_date', '1 - ' ~ iso_weekday('business_date')) }} end) as first_week,
    min(case when place = 2 then occurred_at end) as next_used_at
from placed
group by change_key, brand, customer_id
