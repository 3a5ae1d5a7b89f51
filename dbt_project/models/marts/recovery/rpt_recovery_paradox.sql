{%- set window = var('recovery_window_days') -%}
{%- set matched = 'least(effects.touched_persons, effects.other_persons)' -%}
{%- set difference, reach = 'effects.own_mean - effects.matched_mean', normal_quantile() ~ ' * effects.standard_error' -%}
with

changes as (
    select * from {{ ref('int_recovery_changes') }}
),

effects as (
    select * from {{ ref('int_recovery_effects') }}
),

-- how many of the weeks with an answer before have one after
answered as (
    select
        brand,
        'satisfaction/' || survey_version as scope,
        standing || '/' || case when grouping(severity) = 1 then 'all' else severity end as code,
        count(*) as surveys,
        count(later_score) as responses
    from {{ ref('int_recovery_weeks') }}
    where survey_version is not null and standing <> 'none'
    group by brand, survey_version, standing, grouping sets ((severity), ())
),

within_person as (
    select
        brand,
        'within_person' as comparison,
        'satisfaction' as outcome,
        survey_type,
        survey_version,
        failure_type,
        severity,
        standing,
        cast(surveys as bigint) as asked,
        cast(responses as bigint) as answered,
        cast(observations as bigint) as observations,
        cast(persons as bigint) as persons,
        cast(null as bigint) as matched_persons,
        {{ published('mean_before + difference', 'persons') }} as outcome_mean,
        {{ published('mean_before', 'persons') }} as reference_mean,
        {{ estimate_with_interval('difference', 'difference', 'reach', 'persons') }}
    from changes
),

-- a code is a standing and a severity, a scope an outcome and its version
between_persons as (
    select
        effects.brand,
        'between_persons' as comparison,
        split_part(effects.scope, '/', 1) as outcome,
        case when answered.code is not null then 'csat' else 'all' end as survey_type,
        case when answered.code is not null then substr(effects.scope, length('satisfaction/') + 1) else 'all' end
            as survey_version,
        'all' as failure_type,
        split_part(effects.code, '/', 2) as severity,
        split_part(effects.code, '/', 1) as standing,
        answered.surveys as asked,
        answered.responses as answered,
        cast(effects.touched as bigint) as observations,
        cast(effects.touched_persons as bigint) as persons,
        cast(effects.other_persons as bigint) as matched_persons,
        {{ published('effects.own_mean', matched) }} as outcome_mean,
        {{ published('effects.matched_mean', matched) }} as reference_mean,
        {{ estimate_with_interval('difference', difference, reach, matched) }}
    from effects
    left join answered
        on effects.brand = answered.brand and effects.scope = answered.scope and effects.code = answered.code
),

both_ways as (
    select * from within_person
    union all
    select * from between_persons
)

select
    *,
    {{ ratio('answered', 'asked') }} as response_rate,
    {{ window }} as window_days,
    {{ var('lapse_days') }} as lapse_days
from both_ways
