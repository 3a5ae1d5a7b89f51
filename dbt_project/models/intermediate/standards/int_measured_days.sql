{{ config(
    materialized='by_key',
    key='business_date',
    key_type='date',
    changed_by=[
        {'model': 'int_contact_center_days'},
        {'model': 'int_service_observations'},
        {'model': 'fct_promises'},
        {'model': 'fct_surveys'},
        {'due': ['observed_at'], 'through': 'int_service_observations'},
        {'due': ['responded_at'], 'through': 'fct_surveys'},
    ],
    indexes=[{'columns': ['business_date']}],
) }}
{#- judged: how many say kept or not; kept: of these; score: of what is graded. Calls: the default service level. -#}
{%- set no_text, no_score = 'cast(null as text)', 'cast(null as numeric)' -%}
{%- set figures = {
    'calls': {
        'table': 'int_contact_center_days', 'detail': "'answered'", 'channel': 'records.channel',
        'queue': "records.source || '/' || records.queue_id",
        'judged': 'records.answered + records.abandoned_in_queue - records.abandoned_within_threshold',
        'kept': 'records.answered_within_threshold', 'condition': 'true',
    },
    'promises': {
        'table': 'fct_promises', 'detail': 'records.promise_type',
        'judged': '1', 'kept': 'cast(records.is_kept as integer)', 'condition': 'records.is_due',
    },
    'observations': {
        'table': 'int_service_observations', 'detail': 'records.item_code',
        'location': 'records.location_key', 'queue': 'records.queue_key', 'score': 'records.score',
        'judged': 'cast(records.is_observed is not null as integer)', 'kept': 'cast(records.is_observed as integer)',
        'condition': 'records.observed_at <= brands.as_of',
    },
    'surveys': {
        'table': 'fct_surveys', 'detail': "records.survey_type || '/' || records.survey_version",
        'channel': 'records.service_channel', 'location': 'records.location_key',
        'queue': "brands.call_center_source || '/' || records.queue_id", 'score': 'records.score',
        'judged': '1', 'kept': 'cast(records.score_share >= ' ~ var('satisfied_share') ~ ' as integer)',
        'condition': 'records.score is not null and records.responded_at <= brands.as_of',
    },
} -%}
with

brands as (
    select
        horizons.brand,
        horizons.as_of,
        brand_sources.call_center_source
    from {{ ref('int_brand_horizons') }} as horizons
    inner join {{ ref('int_brand_sources') }} as brand_sources
        on horizons.brand = brand_sources.brand
),

{%- for figure, own in figures.items() %}
{{ figure }} as (
    select * from {{ ref(own.table) }}
    {{ where_changed() }}
),
{% endfor %}
measured as (
    {%- for figure, own in figures.items() %}
    {%- set location, queue = own.location or no_text, own.queue or no_text %}
    select
        records.brand,
        '{{ figure }}' as figure,
        {{ own.detail }} as detail,
        {{ own.channel or no_text }} as channel,
        -- what belongs to no location and no queue belongs to the brand as a whole
        case
            when {{ location }} is not null then 'location'
            when {{ queue }} is not null then 'queue'
            else 'brand'
        end as unit_type,
        coalesce({{ location }}, {{ queue }}, records.brand) as unit_id,
        records.business_date,
        {{ own.judged }} as judged,
        {{ own.kept }} as kept,
        {{ own.score or no_score }} as score
    from {{ figure }} as records
    inner join brands
        on records.brand = brands.brand
    where {{ own.condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    brand,
    figure,
    detail,
    channel,
    unit_type,
    unit_id,
    business_date,
    cast(sum(judged) as bigint) as judged,
    cast(coalesce(sum(kept), 0) as bigint) as kept,
    cast(count(score) as bigint) as scored,
    cast(coalesce(sum(score), 0) as decimal(18, 4)) as score_sum
from measured
group by brand, figure, detail, channel, unit_type, unit_id, business_date
