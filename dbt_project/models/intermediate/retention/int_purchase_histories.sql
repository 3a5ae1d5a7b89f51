{{ config(materialized='view') }}
{%- set held_out = "case when repeats.basis = 'calibration' then " ~ var('forecast_holdout_days') ~ ' else 0 end' -%}
{%- set seen_until = add_days('horizons.as_of_date', '-1 - ' ~ held_out) -%}
select
    repeats.brand,
    repeats.basis,
    repeats.customer_id,
    repeats.first_date,
    {{ seen_until }} as seen_until,
    case
        when repeats.basis = 'calibration' then {{ var('forecast_holdout_days') }} else {{ var('forecast_days') }}
    end as days_ahead,
    repeats.repeats,
    repeats.recency_days,
    {{ days_between('repeats.first_date', seen_until) }} as age_days,
    repeats.spend_days,
    repeats.repeat_spend,
    repeats.later_purchases,
    repeats.later_spend
from {{ ref('int_customer_repeats') }} as repeats
inner join {{ ref('int_brand_horizons') }} as horizons
    on repeats.brand = horizons.brand
