{#
    The windows of `hours` that open on the days of a relation (unit, opening_date, timezone), beside its columns: opens_at,
    closes_at (UTC) and is_holiday. Closing not after opening is the next day, and a holiday closes what would have opened on it,
    to its end past midnight. A wall clock that stands so twice when clocks are set means the later instant, one that is left
    out so many minutes after midnight as on other days.
#}
{% macro opening_windows(days, unit, hours, holidays=none) -%}
    select
        days.*,
        {{ wall_clock('days.opening_date', 'hours.opens', 'days.timezone') }} as opens_at,
        {{ wall_clock(
            add_days('days.opening_date', 'case when hours.closes <= hours.opens then 1 else 0 end'),
            'hours.closes', 'days.timezone'
        ) }} as closes_at,
        {{ 'holidays.holiday_date is not null' if holidays else 'false' }} as is_holiday
    from {{ days }} as days
    inner join {{ hours }} as hours
        on
            days.{{ unit }} = hours.{{ unit }}
            and {{ iso_weekday('days.opening_date') }} = hours.weekday
            and days.opening_date >= hours.valid_from
            and coalesce(days.opening_date < hours.valid_to, true)
    {%- if holidays %}
    left join {{ holidays }} as holidays
        on days.{{ unit }} = holidays.{{ unit }} and days.opening_date = holidays.holiday_date
    {%- endif %}
{%- endmacro %}

{#
    The expressions up to `openings`: of each of the records (key, unit, business_date, occurred_at, timezone) whether its unit
    was open then (is_open), and whether it would have been but for a holiday (is_holiday). Without hours known that day, no row.
#}
{% macro openings(records, key, unit, hours, holidays=none) -%}
    -- a window that passes midnight may have opened the day before
    opening_days as (
        {%- for days_before in [0, -1] %}
        select distinct {{ unit }}, business_date, {{ add_days('business_date', days_before) }} as opening_date, timezone
        from {{ records }}
        where {{ unit }} is not null
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    windows as (
        {{ opening_windows('opening_days', unit, hours, holidays) }}
    ),

    -- a unit with any window these days is known to be closed outside of them
    known_days as (
        select distinct {{ unit_day('days', unit) }} as unit_day
        from opening_days as days
        inner join {{ hours }} as hours
            on
                days.{{ unit }} = hours.{{ unit }}
                and days.business_date >= hours.valid_from
                and coalesce(days.business_date < hours.valid_to, true)
    ),

    day_windows as (
        select {{ unit_day('windows', unit) }} as unit_day, opens_at, closes_at, is_holiday
        from windows
    ),

    unit_days as (
        select known_days.unit_day, day_windows.opens_at, day_windows.closes_at, day_windows.is_holiday
        from known_days
        left join day_windows on known_days.unit_day = day_windows.unit_day
    ),

    timed as (
        select {{ key }}, occurred_at, {{ unit_day(records, unit) }} as unit_day
        from {{ records }}
    ),

    openings as (
        select
            timed.{{ key }},
            {%- set is_within = 'timed.occurred_at >= unit_days.opens_at and timed.occurred_at < unit_days.closes_at' %}
            max(case when {{ is_within }} and not unit_days.is_holiday then 1 else 0 end) = 1 as is_open,
            max(case when {{ is_within }} and unit_days.is_holiday then 1 else 0 end) = 1 as is_holiday
        from timed
        inner join unit_days on timed.unit_day = unit_days.unit_day
        group by timed.{{ key }}
    )
{%- endmacro %}

{# A unit's day as one column: of several, Postgres expects next to none to be equal, and holds each record against each day. #}
{% macro unit_day(relation, unit) -%}
{{ relation }}.{{ unit }} || '/' || cast({{ relation }}.business_date as text)
{%- endmacro %}

{# The additive parts of demand at locations, summed. #}
{% macro sum_location_demand() -%}
{%- set parts = ['contacts', 'hours_known', 'in_hours', 'on_holidays', 'door_contacts', 'door_hours_known', 'door_out_of_hours'] -%}
{%- for part in parts %}
    cast(sum({{ part }}) as bigint) as {{ part }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
