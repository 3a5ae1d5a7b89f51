-- noqa: disable=LT02
with

launches as (
    select
        improvements.change_key,
        improvements.brand,
        horizons.as_of,
        horizons.as_of_date,
        min({{ add_days('improvements.changed_on', '1 - ' ~ iso_weekday('improvements.changed_on')) }}) as launch_week
    from {{ ref('int_improvements') }} as improvements
    inner join {{ ref('int_brand_horizons') }} as horizons on improvements.brand = horizons.brand
    where improvements.kind = 'launch' and improvements.touchpoint_code is not null
    group by improvements.change_key, improvements.brand, horizons.as_of, horizons.as_of_date
),

-- who had to do with the brand in a week that is over; a use is a touch, so that a user is among them in the week of the first
present as (
    select
        launches.change_key,
        launches.brand,
        weeks.week_start,
        weeks.customer_id,
        users.first_week,
        {%- for days in var('launch_repeat_days') %}
        case
            when {{ add_minutes('users.first_used_at', days * 1440) }} <= launches.as_of
                then coalesce(users.next_used_at <= {{ add_minutes('users.first_used_at', days * 1440) }}, false)
        end as has_repeated_{{ days }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from launches
    inner join {{ ref('int_active_weeks') }} as weeks
        on
            launches.brand = weeks.brand
            and launches.launch_week <= weeks.week_start
            and launches.as_of_date >= {{ add_days('weeks.week_start', 7) }}
    left join {{ ref('int_launch_users') }} as users
        on launches.change_key = users.change_key and weeks.customer_id = users.customer_id
)

select
    change_key,
    brand,
    week_start,
    count(distinct customer_id) as active_people,
    count(distinct case when first_week <= week_start then customer_id end) as active_adopted,
    count(distinct case when first_week = week_start then customer_id end) as new_users
    {%- for days in var('launch_repeat_days') %},
    count(case when first_week = week_start then has_repeated_{{ days }} end) as repeat_judged_{{ days }},
    count(case when first_week = week_start and has_repeated_{{ days }} then 1 end) as repeated_{{ days }}
    {%- endfor %}
from present
group by grouping sets ((change_key, brand, week_start), (change_key, brand))
