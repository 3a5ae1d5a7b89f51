with

failures as (
    select
        days.brand,
        {{ month_text('days.detected_date') }} as period,
        days.failure_type,
        coalesce(cast(days.severity as text), 'unknown') as severity,
        days.day_basis,
        -- until its day is over a failure is not judged, or the quick ones alone would be counted
        case when days.day_ends_at <= horizons.as_of then coalesce(days.completed_at < days.day_ends_at, false) end
            as is_same_day,
        days.completed_at is not null as is_completed
    from {{ ref('int_failure_days') }} as days
    inner join {{ ref('int_brand_horizons') }} as horizons
        on days.brand = horizons.brand
    where days.detected_at <= horizons.as_of
),

cells as (
    select
        brand,
        {%- for cut in ['period', 'failure_type', 'severity', 'day_basis'] %}
        case when grouping({{ cut }}) = 1 then 'all' else {{ cut }} end as {{ cut }},
        {%- endfor %}
        count(*) as failures,
        count(is_same_day) as judged,
        count(case when is_same_day then 1 end) as same_day,
        count(case when not is_same_day and is_completed then 1 end) as later,
        count(case when not is_same_day and not is_completed then 1 end) as unrecovered
    from failures
    group by brand, grouping sets ((period), (failure_type), (severity), (day_basis), (failure_type, severity), ())
)

select
    *,
    {{ share_with_interval('same_day_share', 'same_day', 'judged') }}
from cells
