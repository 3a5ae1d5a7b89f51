{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[
        {'model': 'stg_crm__survey_items', 'logged': 'response_key'},
        {'model': 'fct_surveys'},
        {'due': ['responded_at'], 'through': 'fct_surveys'},
    ],
    logs=['period'],
    indexes=[{'columns': ['response_key']}, {'columns': ['period']}],
) }}
with

items as (
    select * from {{ ref('stg_crm__survey_items') }}
    {{ where_changed() }}
),

surveys as (
    select * from {{ ref('fct_surveys') }}
    {{ where_changed() }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- both sides of each item, and of each dimension as the mean of the response's items
sides as (
    select
        response_key,
        dimension,
        case when grouping(item_code) = 1 then 'all' else item_code end as item_code,
        avg(case when side = 'expectation' then score end) as expectation,
        avg(case when side = 'perception' then score end) as perception,
        avg(case when side = 'weight' then score end) as weight
    from items
    group by response_key, dimension, grouping sets ((item_code), ())
),

-- an item of which one side was left out has no gap
gaps as (
    select
        response_key,
        dimension,
        item_code,
        expectation,
        perception,
        cast(null as numeric) as weighted_gap
    from sides
    where expectation is not null and perception is not null
    union all
    select
        response_key,
        'all' as dimension,
        'all' as item_code,
        avg(expectation) as expectation,
        avg(perception) as perception,
        sum(weight * (perception - expectation)) / nullif(sum(weight), 0) as weighted_gap
    from sides
    where item_code = 'all' and expectation is not null and perception is not null
    group by response_key
)

select
    gaps.response_key,
    surveys.brand,
    surveys.survey_type,
    surveys.survey_version,
    {{ month_text('surveys.business_date') }} as period,
    coalesce(surveys.segment_code, 'unknown') as segment_code,
    gaps.dimension,
    gaps.item_code,
    {{ rounded('gaps.expectation') }} as expectation,
    {{ rounded('gaps.perception') }} as perception,
    {{ rounded('gaps.weighted_gap') }} as weighted_gap,
    surveys.scale_min,
    surveys.scale_max
from gaps
inner join surveys
    on gaps.response_key = surveys.response_key
inner join horizons
    on surveys.brand = horizons.brand
where surveys.responded_at <= horizons.as_of
