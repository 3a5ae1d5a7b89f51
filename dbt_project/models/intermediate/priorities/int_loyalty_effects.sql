{{ config(
    materialized='by_key',
    key='brand',
    changed_by=[{'model': 'int_scored_weeks'}],
    indexes=[{'columns': ['brand']}],
) }}
{%- set outcomes = {'repurchase': 'is_back', 'retention': 'is_retained'} -%}
with

-- like meets like within a channel, too: the same score is given more freely in one than in another
answered as (
    select
        *,
        split_part(stratum, '/', 3) as frequency,
        stratum || '/' || coalesce(service_channel, 'unknown') as own_stratum
    from {{ ref('int_scored_weeks') }}
    where score_share >= {{ var('satisfied_share') }} {{ and_changed() }}
),

observed as (
    {%- for outcome, flag in outcomes.items() %}
    select
        brand,
        '{{ outcome }}/' || survey_version as scope,
        frequency,
        customer_id,
        own_stratum as stratum,
        score_share = 1 as is_top_box,
        {{ flag }} as value
    from answered
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

touched as (
    select
        brand,
        scope,
        'all' as code,
        customer_id,
        stratum,
        value
    from observed
    where is_top_box
    union all
    select
        brand,
        scope,
        frequency as code,
        customer_id,
        stratum,
        value
    from observed
    where is_top_box
),

others as (
    select * from observed
    where not is_top_box
),

{{ matched_differences('touched', 'others') }}
