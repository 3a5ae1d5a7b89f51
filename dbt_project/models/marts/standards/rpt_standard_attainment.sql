{%- set now = ['days_attained', 'days_judged'] -%}
{%- set before = ['previous_days_attained', 'previous_days_judged'] -%}
with

standards as (
    select * from {{ ref('dim_service_standards') }}
),

catalogue as (
    select * from {{ ref('metric_catalogue') }}
),

days as (
    select
        *,
        {{ month_text('business_date') }} as month
    from {{ ref('int_standard_days') }}
),

cells as (
    select
        standard_version_key,
        case when grouping(unit_id) = 1 then 'all' else unit_type end as unit_type,
        case when grouping(unit_id) = 1 then 'all' else unit_id end as unit_id,
        case when grouping(month) = 1 then 'all' else month end as period,
        sum(n) as measurements,
        sum(total) as total,
        count(*) as days_measured,
        count(is_attained) as days_judged,
        sum(case when is_attained then 1 else 0 end) as days_attained
    from days
    group by
        standard_version_key,
        grouping sets ((unit_type, unit_id, month), (unit_type, unit_id), (month), ())
),

followed as (
    select
        *,
        lag(days_judged) over (
            partition by standard_version_key, unit_type, unit_id, period = 'all' order by period
        ) as previous_days_judged,
        lag(days_attained) over (
            partition by standard_version_key, unit_type, unit_id, period = 'all' order by period
        ) as previous_days_attained
    from cells
)

-- a standard that nothing measures is in the register all the same, and says why
select
    standards.standard_version_key,
    standards.brand,
    standards.source,
    standards.standard_code,
    standards.valid_from,
    standards.valid_to,
    standards.is_current,
    standards.dimension,
    standards.touchpoint_code,
    standards.service_level,
    standards.owner_employee_id,
    standards.metric_code,
    standards.aggregation,
    standards.operator,
    standards.target,
    standards.target_uom,
    coalesce(followed.unit_type, 'all') as unit_type,
    coalesce(followed.unit_id, 'all') as unit_id,
    coalesce(followed.period, 'all') as period,
    cast(coalesce(followed.measurements, 0) as bigint) as measurements,
    {{ ratio('followed.total', 'followed.measurements') }} as figure,
    coalesce(followed.days_measured, 0) as days_measured,
    coalesce(followed.days_judged, 0) as days_judged,
    coalesce(followed.days_attained, 0) as days_attained,
    {{ ratio(*now) }} as attainment,
    {{ wilson_lower(*now) }} as attainment_lower,
    {{ wilson_upper(*now) }} as attainment_upper,
    followed.previous_days_judged,
    followed.previous_days_attained,
    {{ share_difference(*(now + before)) }} as attainment_trend,
    {{ share_difference_lower(*(now + before)) }} as attainment_trend_lower,
    {{ share_difference_upper(*(now + before)) }} as attainment_trend_upper,
    case
        when followed.days_judged > 0 then null
        when followed.days_measured > 0 then 'too_few_a_day'
        when catalogue.metric_code is null then 'metric_unknown'
        when standards.segment_code is not null then 'segment_not_measured'
        when standards.aggregation = 'percentile' then 'percentile_not_measured'
        else 'no_measurement'
    end as unjudged_because
from standards
left join followed
    on standards.standard_version_key = followed.standard_version_key
left join catalogue
    on standards.metric_code = catalogue.metric_code
