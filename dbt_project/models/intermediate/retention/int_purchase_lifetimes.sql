{{ config(materialized='view') }}
{%- set lapses_on = add_days('entries.last_purchase_date', var('lapse_days')) -%}
select
    entries.brand,
    entries.customer_id,
    'purchase' as basis,
    entries.entry_segment_code,
    entries.first_purchase_date as started_on,
    case when {{ lapses_on }} <= horizons.as_of_date then {{ lapses_on }} else horizons.as_of_date end as observed_until,
    {{ lapses_on }} <= horizons.as_of_date as is_ended
from {{ ref('int_customer_entries') }} as entries
inner join {{ ref('int_brand_horizons') }} as horizons
    on entries.brand = horizons.brand
