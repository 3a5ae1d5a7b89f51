-- noqa: disable=LT02
with

launches as (
    select * from {{ ref('rpt_improvement_loop') }}
    where kind = 'launch'
),

weeks as (
    select
        *,
        week_start is null as is_total,
        -- who had used it before is no longer at risk of a first use
        active_people - active_adopted + new_users as not_yet_users,
        sum(new_users) over (
            partition by change_key, week_start is null
            order by week_start rows between unbounded preceding and current row
        ) as users_so_far
    from {{ ref('int_launch_weeks') }}
),

-- a launch of which nothing can be counted yet, or ever, keeps its row of all weeks
joined as (
    select
        launches.*,
        weeks.week_start,
        coalesce(weeks.is_total, true) as is_total,
        weeks.active_people,
        weeks.active_adopted,
        weeks.not_yet_users,
        weeks.new_users,
        weeks.users_so_far,
        {%- for days in var('launch_repeat_days') %}
        weeks.repeat_judged_{{ days }},
        weeks.repeated_{{ days }}{{ ',' if not loop.last }}
        {%- endfor %}
    from launches
    left join weeks on launches.change_key = weeks.change_key
)

select
    change_key,
    brand,
    case when is_total then 'all' else cast(week_start as text) end as week,
    touchpoint_code,
    standard_code,
    first_changed_on,
    active_people,
    active_adopted,
    {{ share_with_interval('adopted_share', 'active_adopted', 'active_people') }},
    not_yet_users,
    new_users,
    {{ share_with_interval('new_share', 'new_users', 'not_yet_users') }},
    cast(users_so_far as bigint) as users_so_far,
    {%- for days in var('launch_repeat_days') %}
    repeat_judged_{{ days }},
    repeated_{{ days }},
    {{ share_with_interval('repeat_share_' ~ days, 'repeated_' ~ days, 'repeat_judged_' ~ days) }},
    {%- endfor %}
    {%- for figure in ['effect', 'effect_lower', 'effect_upper', 'uncompared_because'] %}
    case when is_total then {{ figure }} end as {{ figure }}{{ ',' if not loop.last }}
    {%- endfor %}
from joined
