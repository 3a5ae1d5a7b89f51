{{ config(
    materialized='by_key',
    key='business_date',
    key_type='date',
    changed_by=[
        {'model': 'fct_cases'},
        {'model': 'fct_transactions'},
        {'model': 'stg_pos__locations', 'logged': 'location_key', 'through': 'this'},
        {'model': 'stg_pos__location_hours', 'logged': 'location_key', 'through': 'this'},
        {'model': 'stg_pos__holidays', 'logged': 'location_key', 'through': 'this'},
        {'due': ['created_at'], 'through': 'fct_cases'},
        {'due': ['closed_at'], 'through': 'fct_transactions'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['business_date']}, {'columns': ['location_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

at_the_door as (
    select distinct channel from {{ ref('channel_map') }}
    where channel_group = 'in_person'
),

-- a customer is served from when the till is opened for them, not from when they have paid
records as (
    select
        cases.case_key as record_key,
        cases.brand,
        cases.location_key,
        cases.business_date,
        cases.created_at as occurred_at,
        cases.origin_channel not in (select at_the_door.channel from at_the_door) as is_remote,
        sources.timezone as source_timezone
    from {{ ref('fct_cases') }} as cases
    inner join sources on cases.source = sources.source
    inner join {{ ref('int_brand_horizons') }} as horizons
        on cases.brand = horizons.brand and cases.created_at <= horizons.as_of
    where cases.location_key is not null {{ and_changed('cases.business_date') }}
    union all
    select
        sales.transaction_key as record_key,
        sales.brand,
        sales.location_key,
        sales.business_date,
        least(sales.opened_at, sales.closed_at) as occurred_at,
        false as is_remote,
        sources.timezone as source_timezone
    from {{ ref('fct_transactions') }} as sales
    inner join sources on sales.source = sources.source
    inner join {{ ref('int_brand_horizons') }} as horizons
        on sales.brand = horizons.brand and sales.closed_at <= horizons.as_of
    where
        sales.location_key is not null
        and sales.channel in (select at_the_door.channel from at_the_door) {{ and_changed('sales.business_date') }}
),

demand as (
    select
        records.*,
        coalesce(locations.timezone, records.source_timezone) as timezone
    from records
    left join {{ ref('stg_pos__locations') }} as locations
        on records.location_key = locations.location_key
),

{{ openings('demand', 'record_key', 'location_key', ref('stg_pos__location_hours'), ref('stg_pos__holidays')) }},

placed as (
    select
        demand.*,
        {{ month_start('demand.business_date') }} as period_month,
        {{ iso_weekday(local_date('demand.occurred_at', 'demand.timezone')) }} || '-'
        || substr({{ local_clock('demand.occurred_at', 'demand.timezone') }}, 1, 2) as hour_of_week,
        openings.is_open,
        openings.is_holiday
    from demand
    left join openings on demand.record_key = openings.record_key
)

select
    brand,
    location_key,
    business_date,
    period_month,
    hour_of_week,
    count(case when is_remote then 1 end) as contacts,
    count(case when is_remote then is_open end) as hours_known,
    count(case when is_remote and is_open then 1 end) as in_hours,
    count(case when is_remote and not is_open and is_holiday then 1 end) as on_holidays,
    count(case when not is_remote then 1 end) as door_contacts,
    count(case when not is_remote then is_open end) as door_hours_known,
    count(case when not is_remote and not is_open then 1 end) as door_out_of_hours
from placed
group by brand, location_key, business_date, period_month, hour_of_week
