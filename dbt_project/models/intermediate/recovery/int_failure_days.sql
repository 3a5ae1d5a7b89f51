{{ config(
    materialized='by_key',
    key='failure_key',
    changed_by=[
        {'model': 'int_failure_recoveries'},
        {'model': 'int_recovery_units', 'logged': 'recovery_key'},
        {'model': 'stg_pos__location_hours', 'logged': 'location_key', 'through': 'int_recovery_units', 'key': 'recovery_key'},
        {'model': 'stg_pos__holidays', 'logged': 'location_key', 'through': 'int_recovery_units', 'key': 'recovery_key'},
    ],
    indexes=[{'columns': ['failure_key']}],
) }}
with
sources as (
    {{ build_sources() }}
),

numbers as (
    {{ whole_numbers() }}
),

failures as (
    select
        failures.*,
        units.location_key,
        coalesce(units.timezone, sources.timezone) as timezone
    from {{ ref('int_failure_recoveries') }} as failures
    inner join sources on failures.source = sources.source
    left join {{ ref('int_recovery_units') }} as units
        on failures.failure_key = units.recovery_key
    {{ where_changed('failures.failure_key') }}
),

-- two weeks of days; the one before may be open past midnight
nearby as (
    select
        failures.*,
        {{ add_days('failures.detected_date', 'cast(numbers.number as integer) - 1') }} as opening_date
    from failures
    inner join numbers
        on failures.location_key is not null and numbers.number <= 14
),

closings as (
    {{ opening_windows('nearby', 'location_key', ref('stg_pos__location_hours'), ref('stg_pos__holidays')) }}
),

-- days on which the place closes after the failure was seen
open_days as (
    select
        failure_key,
        opening_date as business_date,
        max(closes_at) as closes_at
    from closings
    where not is_holiday and closes_at > detected_at
    group by failure_key, opening_date
),

first_days as (
    select
        failure_key,
        min(business_date) as business_date,
        min(closes_at) as closes_at
    from open_days
    group by failure_key
)

select
    failures.failure_key,
    failures.brand,
    failures.failure_type,
    failures.severity,
    failures.detected_at,
    failures.detected_date,
    failures.completed_at,
    coalesce(first_days.business_date, failures.detected_date) as business_date,
    case when first_days.business_date is null then 'calendar' else 'hours' end as day_basis,
    greatest(
        {{ day_begins(add_days('coalesce(first_days.business_date, failures.detected_date)', '1'), 'failures.timezone') }},
        first_days.closes_at
    ) as day_ends_at
from failures
left join first_days
    on failures.failure_key = first_days.failure_key
