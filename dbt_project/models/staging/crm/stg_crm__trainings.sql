{{ config(
    materialized='by_key',
    key='training_key',
    changed_by=[{'raw': ['raw_crm', 'crm_trainings'], 'keys': ['employee_id', 'course_code', 'completed_at'], 'event': 'completed_at'}],
    indexes=[{'columns': ['training_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

trainings as (
    {{ newest_version(
        source('raw_crm', 'crm_trainings'), ['employee_id', 'course_code', 'completed_at'], event_at='completed_at'
    ) }}
)

select
    sources.brand,
    sources.source,
    trainings._version_at,
    trainings._payload_hash,
    trainings.employee_id,
    trainings.course_code,
    trainings.completed_at,
    trainings.hours,
    sources.source || '/' || trainings.employee_id || '/' || trainings.course_code
    || '/' || cast(trainings.completed_at as text) as training_key,
    {{ local_date('trainings.completed_at', 'sources.timezone') }} as business_date
from trainings
inner join sources
    on trainings._source = sources.source
