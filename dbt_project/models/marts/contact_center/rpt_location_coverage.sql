with

cells as (
    select
        brand,
        case when grouping(period_month) = 1 then 'all' else {{ month_text('period_month') }} end as period,
        case when grouping(location_key) = 1 then 'all' else location_key end as location_key,
        case when grouping(hour_of_week) = 1 then 'all' else hour_of_week end as hour_of_week,
        {{ sum_location_demand() }}
    from {{ ref('int_location_demand_months') }}
    group by
        brand, grouping sets (
            (period_month, location_key), (period_month), (location_key, hour_of_week), (location_key), (hour_of_week), ()
        )
)

select
    brand,
    period,
    location_key,
    hour_of_week,
    contacts,
    hours_known,
    in_hours,
    hours_known - in_hours as out_of_hours,
    on_holidays,
    {{ share_with_interval('open_share', 'in_hours', 'hours_known') }},
    door_contacts,
    door_hours_known,
    door_out_of_hours
from cells
