with

states as (
    select * from {{ ref('dim_employees') }}
),

months as (
    select distinct month_start as period_month
    from {{ ref('dim_dates') }}
),

-- closed months of the brand's data, each with the last state of whoever was employed in it
present as (
    select
        states.brand,
        states.source,
        states.employee_id,
        states.location_key,
        states.hired_on,
        states.left_on,
        months.period_month,
        {{ month_start(add_days('months.period_month', 31)) }} as next_month,
        row_number() over (
            partition by states.source, states.employee_id, months.period_month order by states.valid_from desc
        ) as recency
    from states
    inner join {{ ref('int_brand_horizons') }} as horizons on states.brand = horizons.brand
    inner join months
        on
            months.period_month < {{ month_start('horizons.as_of_date') }}
            and states.valid_from < {{ month_start(add_days('months.period_month', 31)) }}
            and states.valid_to > months.period_month
)

select
    brand,
    source,
    employee_id,
    coalesce(location_key, 'none') as team,
    period_month,
    -- where nobody is known to have left, nobody knows whether leaving is recorded
    case when count(left_on) over (partition by brand) > 0 then coalesce(left_on <= next_month, false) end as has_left,
    greatest({{ whole_months_between('hired_on', 'least(left_on, next_month)') }}, 0) as tenure_months
from present
where recency = 1
