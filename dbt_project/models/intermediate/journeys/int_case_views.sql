{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[{'model': 'fct_cases'}, {'due': ['first_response_at'], 'through': 'fct_cases'}],
    logs=['period_month'],
    indexes=[{'columns': ['case_key']}, {'columns': ['period_month']}],
) }}
with

cases as (
    select * from {{ ref('fct_cases') }}
    {{ where_changed() }}
),

located as (
    select
        cases.*,
        brand_sources.call_center_source || '/' || cases.queue_id as queue_key
    from cases
    inner join {{ ref('int_brand_horizons') }} as horizons
        on cases.brand = horizons.brand and cases.first_response_at <= horizons.as_of
    inner join {{ ref('int_brand_sources') }} as brand_sources on cases.brand = brand_sources.brand
)

select
    case_key,
    brand,
    case when location_key is not null then 'location' when queue_key is not null then 'queue' else 'brand' end as unit_type,
    coalesce(location_key, queue_key, brand) as unit_id,
    {{ month_start('business_date') }} as period_month,
    record_viewed_at is not null as has_view,
    coalesce(record_viewed_at <= first_response_at, false) as is_viewed
from located
