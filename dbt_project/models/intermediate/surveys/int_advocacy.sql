{{ config(
    materialized='by_key',
    key='event_key',
    changed_by=[
        {'model': 'stg_crm__reviews', 'logged': 'review_key', 'as': "'review/' || log.key"},
        {'model': 'stg_crm__referrals', 'logged': 'referral_key', 'as': "'referral/' || log.key"},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'this', 'on': 'own_node'},
        {'model': 'fct_transactions', 'logged': 'transaction_key', 'through': 'this'},
        {'model': 'fct_episodes', 'logged': 'customer_id', 'through': 'this'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['event_key']}, {'columns': ['own_node']}, {'columns': ['transaction_key']}, {'columns': ['customer_id']}],
) }}
with

events as (
    select
        'review/' || review_key as event_key,
        brand,
        own_node,
        timezone,
        posted_at as happened_at,
        platform,
        rating,
        scale_max,
        has_comment,
        has_media,
        responded_at,
        null as converted_transaction_id
    from {{ ref('stg_crm__reviews') }}
    {{ where_changed("'review/' || review_key") }}
    union all
    select
        'referral/' || referral_key as event_key,
        brand,
        own_node,
        timezone,
        referred_at as happened_at,
        null as platform,
        null as rating,
        null as scale_max,
        null as has_comment,
        null as has_media,
        null as responded_at,
        converted_transaction_id
    from {{ ref('stg_crm__referrals') }}
    {{ where_changed("'referral/' || referral_key") }}
),

known as (
    select
        events.*,
        customer_nodes.customer_id,
        brand_sources.pos_source || '/' || events.converted_transaction_id as transaction_key
    from events
    inner join {{ ref('int_brand_sources') }} as brand_sources
        on events.brand = brand_sources.brand
    left join {{ ref('int_customer_nodes') }} as customer_nodes
        on events.brand = customer_nodes.brand and events.own_node = customer_nodes.node
),

-- what the person had last to do with us, going on or over for so many days at most
lately as (
    select
        known.event_key,
        episodes.episode_key,
        episodes.issue_code,
        row_number() over (
            partition by known.event_key order by episodes.started_at desc, {{ byte_order('episodes.episode_key') }}
        ) as recency
    from known
    inner join {{ ref('fct_episodes') }} as episodes
        on
            known.brand = episodes.brand
            and known.customer_id = episodes.customer_id
            and known.happened_at >= episodes.started_at
            and {{ add_minutes('episodes.ended_at', (var('word_of_mouth_days') | int) * 24 * 60) }} >= known.happened_at
)

select
    known.event_key,
    known.brand,
    split_part(known.event_key, '/', 1) as kind,
    known.own_node,
    known.customer_id,
    known.happened_at,
    {{ month_start(local_date('known.happened_at', 'known.timezone')) }} as period_month,
    known.platform,
    known.rating,
    known.scale_max,
    known.has_comment,
    known.has_media,
    known.responded_at,
    known.transaction_key,
    sales.closed_at as converted_at,
    lately.episode_key,
    case when lately.episode_key is null then 'none' else coalesce(lately.issue_code, 'unknown') end as issue_code
from known
left join {{ ref('fct_transactions') }} as sales on known.transaction_key = sales.transaction_key
left join lately on known.event_key = lately.event_key and lately.recency = 1
