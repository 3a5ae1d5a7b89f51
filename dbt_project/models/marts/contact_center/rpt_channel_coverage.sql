with

cells as (
    select
        brand,
        case when grouping(period_month) = 1 then 'all' else {{ month_text('period_month') }} end as period,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        case when grouping(hour_of_week) = 1 then 'all' else hour_of_week end as hour_of_week,
        cast(sum(contacts) as bigint) as contacts,
        cast(sum(hours_known) as bigint) as hours_known,
        cast(sum(in_hours) as bigint) as in_hours,
        cast(sum(judged) as bigint) as judged,
        cast(sum(unattended) as bigint) as unattended,
        cast(sum(contained) as bigint) as contained
    from {{ ref('int_coverage_months') }}
    group by
        brand, grouping sets (
            (period_month, channel), (period_month), (channel, hour_of_week), (channel), (hour_of_week), ()
        )
)

select
    brand,
    period,
    channel,
    hour_of_week,
    contacts,
    hours_known,
    in_hours,
    hours_known - in_hours as out_of_hours,
    {{ share_with_interval('open_share', 'in_hours', 'hours_known') }},
    judged,
    unattended,
    contained,
    {{ share_with_interval('unattended_share', 'unattended', 'judged') }},
    {{ share_with_interval('containment_share', 'contained', 'judged') }},
    {{ var('containment_days') }} as window_days
from cells
