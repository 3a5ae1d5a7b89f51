{{ config(
    materialized='by_key',
    key='observation_key',
    changed_by=[{'raw': ['raw_pos', 'pos_service_observations'], 'keys': ['observation_id'], 'event': 'observed_at'}],
    indexes=[{'columns': ['observation_key']}, {'columns': ['location_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

observations as (
    {{ newest_version(source('raw_pos', 'pos_service_observations'), ['observation_id'], event_at='observed_at') }}
)

select
    sources.brand,
    sources.source,
    observations._version_at,
    observations._payload_hash,
    observations.observation_id,
    observations.location_id,
    observations.queue_id,
    observations.employee_id,
    observations.observed_at,
    observations.item_code,
    observations.is_observed,
    observations.score,
    observations.observer,
    sources.source || '/' || observations.observation_id as observation_key,
    sources.source || '/' || observations.location_id as location_key,
    sources.timezone
from observations
inner join sources
    on observations._source = sources.source
