{{ config(
    materialized='by_key',
    key='business_date',
    key_type='date',
    changed_by=[{'model': 'fct_transactions'}],
    logs=['location_day'],
    indexes=[{'columns': ['business_date']}, {'columns': ['location_day']}],
) }}
with

transactions as (
    select * from {{ ref('fct_transactions') }}
    {{ where_changed() }}
)

-- a customer is served from when the till is opened for them, not from when they have paid
select
    brand,
    location_key,
    business_date,
    location_key || '/' || cast(business_date as text) as location_day,
    min(least(opened_at, closed_at)) as first_touch_at
from transactions
where location_key is not null and business_date is not null
group by brand, location_key, business_date
