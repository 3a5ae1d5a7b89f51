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
        select distinct days.{{ unit }}, days.business_date
        from opening_days as days
        inner join {{ hours }} as hours
            on
                days.{{ unit }} = hours.{{ unit }}
                and days.business_date >= hours.valid_from
                and coalesce(days.business_date < hours.valid_to, true)
    ),

    openings as (
        select
            records.{{ key }},
            max(case when not windows.is_holiday then 1 else 0 end) = 1 as is_open,
            max(case when windows.is_holiday then 1 else 0 end) = 1 as is_holiday
        from {{ records }} as records
        inner join known_days
            on records.{{ unit }} = known_days.{{ unit }} and records.business_date = known_days.business_date
        left join windows
            on
                records.{{ unit }} = windows.{{ unit }}
                and records.business_date = windows.business_date
                and records.occurred_at >= windows.opens_at
                and records.occurred_at < windows.closes_at
        group by records.{{ key }}
    )
{%- endmacro %}

{# The additive parts of demand at locations, summed. #}
{% macro sum_location_demand() -%}
{%- set parts = ['contacts', 'hours_known', 'in_hours', 'on_holidays', 'door_contacts', 'door_hours_known', 'door_out_of_hours'] -%}
{%- for part in parts %}
    cast(sum({{ part }}) as bigint) as {{ part }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
