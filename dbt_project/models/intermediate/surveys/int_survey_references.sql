{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[
        {'model': 'stg_crm__survey_responses'},
        {'model': 'stg_call_center__contacts', 'logged': 'leg_key', 'through': 'this', 'on': 'named_key'},
    ],
    indexes=[{'columns': ['response_key']}, {'columns': ['ref_key']}, {'columns': ['named_key']}],
) }}
with

surveys as (
    select * from {{ ref('stg_crm__survey_responses') }}
    {{ where_changed() }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
),

legs as (
    select * from {{ ref('stg_call_center__contacts') }}
),

named as (
    select
        surveys.response_key,
        {{ referred_type('surveys.touchpoint_ref_type') }} as ref_type,
        {{ referred_key('surveys', 'surveys.touchpoint_ref_type', 'surveys.touchpoint_ref_id') }} as named_key,
        brand_sources.pos_source || '/' || surveys.location_id as location_key
    from surveys
    inner join brand_sources
        on surveys.brand = brand_sources.brand
)

-- a survey may name any leg of a call
select
    named.response_key,
    named.named_key,
    named.location_key,
    named.ref_type,
    coalesce(legs.call_key, named.named_key) as ref_key
from named
left join legs
    on
        named.ref_type = 'call'
        and named.named_key = legs.leg_key
