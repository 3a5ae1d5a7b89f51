{{ config(
    materialized='by_key',
    key='period',
    changed_by=[{'model': 'int_expectation_answers'}],
    indexes=[{'columns': ['period']}],
) }}
with

answers as (
    select * from {{ ref('int_expectation_answers') }}
    {{ where_changed() }}
)

select
    brand,
    survey_type,
    survey_version,
    period,
    segment_code,
    dimension,
    item_code,
    expectation,
    perception,
    weighted_gap,
    scale_min,
    scale_max,
    count(*) as n
from answers
group by
    brand, survey_type, survey_version, period, segment_code, dimension, item_code, expectation, perception, weighted_gap,
    scale_min, scale_max
