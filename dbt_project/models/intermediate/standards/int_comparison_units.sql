{%- set days = var('comparison_window_weeks') * 7 -%}
{%- set before, after = quotient('attained_before', 'days_before'), quotient('attained_after', 'days_after') -%}
{%- set variance = share_change_variance('attained_before', 'days_before', 'attained_after', 'days_after') -%}
with

starts as (
    select * from {{ ref('int_comparison_starts') }}
),

daily as (
    select * from {{ ref('int_comparison_days') }}
),

-- the days on which a comparison's units began, once the weeks after are over
dates as (
    select distinct
        starts.comparison_key,
        starts.brand,
        starts.measured_on,
        starts.standard_key,
        starts.unit_type,
        starts.before_until,
        starts.began_on,
        {{ add_days('starts.before_until', '-' ~ days) }} as first_day,
        {{ add_days('starts.began_on', days) }} as last_day
    from starts
    inner join {{ ref('int_brand_horizons') }} as horizons
        on starts.brand = horizons.brand and {{ add_days('starts.began_on', days) }} < horizons.as_of_date
),

-- the first day itself is neither before nor after, nor is what lies between
windows as (
    select
        dates.comparison_key,
        dates.standard_key,
        dates.began_on,
        dates.first_day,
        dates.last_day,
        daily.unit_type,
        daily.unit_id,
        sum(case when daily.business_date < dates.before_until then daily.judged else 0 end) as days_before,
        sum(case when daily.business_date < dates.before_until then daily.attained else 0 end) as attained_before,
        sum(case when daily.business_date > dates.began_on then daily.judged else 0 end) as days_after,
        sum(case when daily.business_date > dates.began_on then daily.attained else 0 end) as attained_after
    from dates
    inner join daily
        on
            dates.brand = daily.brand
            and dates.measured_on = daily.measured_on
            and coalesce(dates.standard_key, daily.standard_key) = daily.standard_key
            and coalesce(dates.unit_type, daily.unit_type) = daily.unit_type
            and daily.business_date between dates.first_day and dates.last_day
    group by
        dates.comparison_key, dates.standard_key, dates.began_on, dates.before_until, dates.first_day, dates.last_day,
        daily.unit_type, daily.unit_id
),

-- a unit that begins is looked at around its own day, any other around each day on which one begins
paired as (
    select
        windows.*,
        own.comparison_key is not null as is_treated,
        least(windows.days_before, windows.days_after) >= {{ var('min_cell') }}
        and not exists (
            select 1
            from starts as others
            where
                others.basis = 'improvement'
                and others.comparison_key <> windows.comparison_key
                and others.unit_id = windows.unit_id
                and others.standard_key = coalesce(windows.standard_key, others.standard_key)
                and others.began_on between windows.first_day and windows.last_day
        ) as takes_part
    from windows
    left join starts as own
        on windows.comparison_key = own.comparison_key and (own.is_everywhere or windows.unit_id = own.unit_id)
    where own.comparison_key is null or windows.began_on = own.began_on
)

select
    comparison_key,
    unit_type,
    unit_id,
    is_treated,
    count(case when takes_part then 1 end) as dates,
    {%- for part in ['days_before', 'attained_before', 'days_after', 'attained_after'] %}
    cast(coalesce(sum(case when takes_part then {{ part }} end), 0) as bigint) as {{ part }},
    {%- endfor %}
    {{ rounded('avg(case when takes_part then ' ~ before ~ ' end)', 9) }} as share_before,
    {{ rounded('avg(case when takes_part then ' ~ after ~ ' end)', 9) }} as share_after,
    {{ rounded('avg(case when takes_part then ' ~ variance ~ ' end)', 9) }} as variance
from paired
group by comparison_key, unit_type, unit_id, is_treated
