{%- set before, after = quotient('attained_before', 'days_before'), quotient('attained_after', 'days_after') -%}
{%- set variance = share_change_variance('attained_before', 'days_before', 'attained_after', 'days_after') -%}
with

starts as (
    select * from {{ ref('int_comparison_starts') }}
),

windows as (
    select * from {{ ref('int_comparison_windows') }}
),

-- another change of the standard at the unit falls into the weeks
disturbed as (
    select distinct
        windows.comparison_key,
        windows.began_on,
        windows.unit_type,
        windows.unit_id
    from windows
    inner join starts as others
        on
            windows.unit_id = others.unit_id
            and windows.comparison_key <> others.comparison_key
            and coalesce(windows.standard_key, others.standard_key) = others.standard_key
            and others.began_on between windows.first_day and windows.last_day
    where others.basis = 'improvement'
),

-- a unit that begins is looked at around its own day, any other around each day on which one begins
paired as (
    select
        windows.*,
        own.comparison_key is not null as is_treated,
        least(windows.days_before, windows.days_after) >= {{ var('min_cell') }}
        and disturbed.comparison_key is null as takes_part
    from windows
    left join starts as own
        on windows.comparison_key = own.comparison_key and (own.is_everywhere or windows.unit_id = own.unit_id)
    left join disturbed
        on
            windows.comparison_key = disturbed.comparison_key
            and windows.began_on = disturbed.began_on
            and windows.unit_type = disturbed.unit_type
            and windows.unit_id = disturbed.unit_id
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
