{{ config(
    materialized='by_key',
    key='review_key',
    changed_by=[{'raw': ['raw_crm', 'crm_reviews'], 'keys': ['review_id'], 'event': 'posted_at'}],
    indexes=[{'columns': ['review_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

reviews as (
    {{ newest_version(source('raw_crm', 'crm_reviews'), ['review_id'], event_at='posted_at') }}
)

select
    sources.brand,
    sources.source,
    reviews._version_at,
    reviews._payload_hash,
    sources.timezone,
    reviews.review_id,
    reviews.platform,
    reviews.rating,
    reviews.scale_max,
    reviews.posted_at,
    reviews.location_id,
    reviews.responded_at,
    reviews.has_media,
    sources.source || '/' || reviews.review_id as review_key,
    {{ contact_node('sources.source', 'reviews.contact_id') }} as own_node,
    reviews.body_token is not null as has_comment
from reviews
inner join sources
    on reviews._source = sources.source
