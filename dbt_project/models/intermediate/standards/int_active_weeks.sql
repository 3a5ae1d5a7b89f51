{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'fct_touchpoints'}, {'due': ['occurred_at'], 'through': 'fct_touchpoints'}],
    indexes=[{'columns': ['customer_id']}],
) }}
with

touches as (
    select * from {{ ref('fct_touchpoints') }}
    where customer_id is not null and business_date is not null {{ and_changed() }}
)

select distinct
    touches.brand,
    touches.customer_id,
    {{ add_days('touches.business_date', '1 - ' ~ iso_weekday('touches.business_date')) }} as week_start
from touches
inner join {{ ref('int_brand_horizons') }} as horizons
    on touches.brand = horizons.brand and touches.occurred_at <= horizons.as_of
