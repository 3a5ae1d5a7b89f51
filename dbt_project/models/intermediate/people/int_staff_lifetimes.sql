with

states as (
    select * from {{ ref('dim_employees') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- the first month the brand's tills tell of
beginnings as (
    select
        brand,
        min(period_month) as data_begin_on
    from {{ ref('int_location_trade') }}
    group by brand
),

-- who left before the data begin is in no export: time before does not count for those who stayed either
observed as (
    select
        states.brand,
        states.source,
        states.employee_id,
        states.left_on,
        states.location_key,
        states.valid_from,
        states.valid_to,
        horizons.as_of_date,
        greatest(states.hired_on, beginnings.data_begin_on) as started_on
    from states
    inner join horizons on states.brand = horizons.brand
    left join beginnings on states.brand = beginnings.brand
),

lifetimes as (
    select
        brand,
        source,
        employee_id,
        started_on,
        coalesce(location_key, 'none') as team,
        coalesce(left_on <= as_of_date, false) as is_ended,
        case when left_on <= as_of_date then left_on else as_of_date end as observed_until,
        row_number() over (partition by source, employee_id order by valid_from) as place
    from observed
    where started_on <= as_of_date and valid_to > started_on
),

-- where nobody is known to have left, nobody knows whether leaving is recorded
recording as (
    select distinct brand
    from lifetimes
    where is_ended
)

select
    lifetimes.brand,
    lifetimes.source,
    lifetimes.employee_id,
    lifetimes.team,
    lifetimes.is_ended,
    greatest({{ whole_months_between('lifetimes.started_on', 'lifetimes.observed_until') }}, 0) as duration_months
from lifetimes
inner join recording on lifetimes.brand = recording.brand
where lifetimes.place = 1
