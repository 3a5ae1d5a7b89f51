{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_location_demand'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

demand as (
    select * from {{ ref('int_location_demand') }}
    {{ where_changed() }}
)

select
    brand,
    period_month,
    location_key,
    hour_of_week,
    {{ sum_location_demand() }}
from demand
group by brand, period_month, location_key, hour_of_week
