{%- set of_call, of_case, of_sale = "'call/' || log.key", "'case/' || log.key", "'transaction/' || log.key" -%}
{{ config(
    materialized='by_key',
    key='touch_key',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'model': 'int_episode_journeys', 'logged': 'episode_key', 'through': 'fct_touchpoints'},
        {'model': 'fct_calls', 'logged': 'call_key', 'as': of_call},
        {'model': 'fct_cases', 'logged': 'case_key', 'as': of_case},
        {'model': 'fct_surveys', 'logged': 'ref_key', 'as': of_call},
        {'model': 'fct_surveys', 'logged': 'ref_key', 'as': of_case},
        {'model': 'fct_surveys', 'logged': 'ref_key', 'as': of_sale},
        {'model': 'int_failures', 'logged': 'voiced_key', 'as': of_call},
        {'model': 'int_failures', 'logged': 'voiced_key', 'as': of_case},
        {'model': 'int_failures', 'logged': 'voiced_key', 'as': of_sale},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['touch_key']}, {'columns': ['period_month']}],
) }}
with

touches as (
    select touchpoints.*
    from {{ ref('fct_touchpoints') }} as touchpoints
    inner join {{ ref('int_brand_horizons') }} as horizons
        on touchpoints.brand = horizons.brand and touchpoints.occurred_at <= horizons.as_of
    {{ where_changed('touchpoints.touch_key') }}
),

surveys as (
    select * from {{ ref('fct_surveys') }}
),

-- answers about the touch's leading record; where it is asked about by two versions, each is a row
scored as (
    select
        touches.touch_key,
        surveys.survey_version,
        count(*) as surveys,
        count(surveys.score_share) as responses,
        sum(case when surveys.score_share >= {{ var('satisfied_share') }} then 1 else 0 end) as satisfied,
        row_number() over (
            partition by touches.touch_key order by count(surveys.score_share) desc, {{ byte_order('surveys.survey_version') }}
        ) as preference
    from touches
    inner join surveys
        on touches.ref_key = surveys.ref_key and touches.ref_type = surveys.ref_type and surveys.survey_type = 'csat'
    group by touches.touch_key, surveys.survey_version
)

-- the wait is for somebody to attend: in the queue of a call, for the first answer to a case
select
    touches.touch_key,
    touches.brand,
    touches.customer_id,
    {{ month_start('touches.business_date') }} as period_month,
    coalesce(touches.touchpoint_code, 'untyped') as touchpoint_code,
    coalesce(touches.channel, 'unknown') as channel,
    coalesce(touches.journey_stage, 'unknown') as journey_stage,
    case when journeys.is_broken is not null then touches.episode_key end as episode_key,
    coalesce(journeys.is_broken and journeys.last_touch_key = touches.touch_key, false) as is_drop_off,
    case
        when calls.enqueued_at is not null then calls.queue_seconds
        when cases.first_response_at is not null
            then greatest(0, {{ seconds_between('cases.created_at', 'cases.first_response_at') }})
    end as wait_seconds,
    exists (  -- noqa: LT01, LT06
        select 1 from {{ ref('int_failures') }} as failures
        where touches.ref_key = failures.voiced_key and touches.ref_type = failures.voiced_type
    ) as is_failed,
    scored.survey_version,
    coalesce(scored.surveys, 0) as surveys,
    coalesce(scored.responses, 0) as responses,
    coalesce(scored.satisfied, 0) as satisfied
from touches
left join {{ ref('int_episode_journeys') }} as journeys
    on touches.episode_key = journeys.episode_key
left join {{ ref('fct_calls') }} as calls
    on touches.ref_type = 'call' and touches.ref_key = calls.call_key
left join {{ ref('fct_cases') }} as cases
    on touches.ref_type = 'case' and touches.ref_key = cases.case_key
left join scored
    on touches.touch_key = scored.touch_key and scored.preference = 1
