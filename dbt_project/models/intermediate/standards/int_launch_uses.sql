{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_touchpoints'}, {'model': 'fct_transactions'}, {'model': 'fct_cases'},
        {'model': 'stg_crm__improvements', 'logged': 'touchpoint_code', 'through': 'fct_touchpoints'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

launches as (
    select
        improvements.improvement_key,
        improvements.brand,
        improvements.touchpoint_code,
        improvements.changed_at,
        improvements.location_id is null as is_everywhere,
        brand_sources.pos_source || '/' || improvements.location_id as location_key
    from {{ ref('stg_crm__improvements') }} as improvements
    inner join {{ ref('int_brand_sources') }} as brand_sources on improvements.brand = brand_sources.brand
    where improvements.kind = 'launch'
)

select
    launches.improvement_key,
    touches.brand,
    touches.customer_id,
    touches.touch_key,
    touches.occurred_at,
    touches.business_date
from launches
inner join {{ ref('fct_touchpoints') }} as touches
    on
        launches.brand = touches.brand
        and launches.touchpoint_code = touches.touchpoint_code
        and launches.changed_at <= touches.occurred_at
inner join {{ ref('int_brand_horizons') }} as horizons
    on touches.brand = horizons.brand and touches.occurred_at <= horizons.as_of
left join {{ ref('fct_transactions') }} as transactions on touches.transaction_key = transactions.transaction_key
left join {{ ref('fct_cases') }} as cases on touches.case_key = cases.case_key
where
    touches.customer_id is not null {{ and_changed('touches.customer_id') }}
    and (launches.is_everywhere or launches.location_key = coalesce(transactions.location_key, cases.location_key))
