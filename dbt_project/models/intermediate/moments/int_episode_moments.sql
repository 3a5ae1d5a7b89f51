{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_scored_moments'}],
    logs=['period_month'],
    indexes=[{'columns': ['customer_id']}, {'columns': ['period_month']}],
) }}
with

moments as (
    select * from {{ ref('int_scored_moments') }}
    {{ where_changed() }}
)

select
    episode_key,
    brand,
    customer_id,
    survey_type,
    survey_version,
    {{ month_start('min(touch_date)') }} as period_month,
    count(*) as moments,
    cast(max(case when moment_number = 1 then goodness end) as decimal(9, 4)) as first_score,
    cast(min(goodness) as decimal(9, 4)) as trough_score,
    cast(max(case when is_extreme then goodness end) as decimal(9, 4)) as extreme_score,
    cast(max(case when is_end then goodness end) as decimal(9, 4)) as end_score,
    cast(sum(goodness) as decimal(18, 4)) as score_sum
from moments
group by episode_key, brand, customer_id, survey_type, survey_version
