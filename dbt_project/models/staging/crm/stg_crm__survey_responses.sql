{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[{'raw': ['raw_crm', 'crm_survey_responses'], 'keys': ['response_id'], 'event': 'sent_at'}],
    logs=['own_node'],
    indexes=[{'columns': ['response_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

responses as (
    {{ newest_version(source('raw_crm', 'crm_survey_responses'), ['response_id'], event_at='sent_at') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'crm'
)

select
    sources.brand,
    sources.source,
    responses._version_at,
    responses._payload_hash,
    responses.response_id,
    responses.employee_id,
    responses.survey_type,
    responses.survey_version,
    responses.sent_at,
    responses.responded_at,
    responses.survey_channel,
    responses.location_id,
    responses.queue_id,
    responses.touchpoint_ref_type,
    responses.touchpoint_ref_id,
    responses.score,
    responses.scale_min,
    responses.scale_max,
    responses.higher_is_better,
    sources.source || '/' || responses.response_id as response_key,
    {{ contact_node('sources.source', 'responses.contact_id') }} as own_node,
    coalesce(channel_map.channel, responses.service_channel) as service_channel,
    {{ local_date('coalesce(responses.responded_at, responses.sent_at)', 'sources.timezone') }} as business_date,
    {{ score_share(
        'responses.score', 'responses.scale_min', 'responses.scale_max', 'responses.higher_is_better'
    ) }} as score_share
from responses
inner join sources
    on responses._source = sources.source
left join channel_map
    on responses.service_channel = channel_map.code
