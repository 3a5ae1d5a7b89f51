{%- set minutes = (var('recovery_window_days') | int) * 24 * 60 -%}
{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_customer_mishaps'},
        {'model': 'fct_surveys', 'logged': 'customer_id'},
        {'due': ['detected_at'], 'through': 'int_customer_mishaps', 'after': minutes ~ ' minutes'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

-- a mishap is watched from its detection to the next one of the person, at most for so many days, once these are over
watched as (
    select
        mishaps.*,
        least(mishaps.next_at, {{ add_minutes('mishaps.detected_at', minutes) }}) as watched_until,
        greatest(mishaps.previous_at, {{ add_minutes('mishaps.detected_at', -minutes) }}) as watched_from
    from {{ ref('int_customer_mishaps') }} as mishaps
    inner join {{ ref('int_brand_horizons') }} as horizons
        on
            mishaps.brand = horizons.brand
            and least(mishaps.next_at, {{ add_minutes('mishaps.detected_at', minutes) }}) <= horizons.as_of
    {{ where_changed('mishaps.customer_id') }}
),

-- an answer tells of the day it was given, silence of the day of the question
surveys as (
    select
        surveys.*,
        case when surveys.score_share is not null then surveys.responded_at end as answered_at,
        coalesce(case when surveys.score_share is not null then surveys.responded_at end, surveys.sent_at) as told_at
    from {{ ref('fct_surveys') }} as surveys
    where
        surveys.customer_id is not null and surveys.survey_type in ('csat', 'nps') {{ and_changed('surveys.customer_id') }}
),

before as (
    select
        watched.failure_key,
        surveys.survey_type,
        surveys.survey_version,
        {{ first_known('surveys.score_share', 'surveys.answered_at desc, ' ~ byte_order('surveys.response_key') ~ ' desc') }}
            as score_before
    from watched
    inner join surveys
        on
            watched.brand = surveys.brand and watched.customer_id = surveys.customer_id
            and watched.watched_from < surveys.answered_at and watched.detected_at >= surveys.answered_at
    group by watched.failure_key, surveys.survey_type, surveys.survey_version
),

-- whoever answers while nothing is made good yet counts as unrecovered then, whatever comes later
told as (
    select
        watched.*,
        surveys.survey_type,
        surveys.survey_version,
        surveys.response_key,
        surveys.answered_at,
        surveys.score_share,
        case
            when coalesce(watched.completed_at > surveys.told_at, true) then 'unrecovered'
            when watched.is_rejected then 'rejected'
            else 'recovered'
        end as standing
    from watched
    inner join surveys
        on
            watched.brand = surveys.brand and watched.customer_id = surveys.customer_id
            and watched.detected_at < surveys.told_at and watched.watched_until >= surveys.told_at
)

select
    told.failure_key,
    told.brand,
    told.customer_id,
    told.failure_type,
    told.severity,
    told.survey_type,
    told.survey_version,
    told.standing,
    count(*) as surveys,
    count(told.answered_at) as responses,
    max(before.score_before) as score_before,
    {{ first_known('told.score_share', 'told.answered_at, ' ~ byte_order('told.response_key')) }} as score_after
from told
left join before
    on
        told.failure_key = before.failure_key
        and told.survey_type = before.survey_type
        and told.survey_version = before.survey_version
group by
    told.failure_key, told.brand, told.customer_id, told.failure_type, told.severity, told.survey_type, told.survey_version,
    told.standing
