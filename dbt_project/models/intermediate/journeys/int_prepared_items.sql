{{ config(
    materialized='by_key',
    key='item_key',
    changed_by=[
        {'model': 'stg_pos__service_checklists'},
        {'model': 'stg_pos__locations', 'logged': 'location_key', 'through': 'stg_pos__service_checklists'},
        {'model': 'int_location_days', 'logged': 'location_day', 'through': 'stg_pos__service_checklists'},
        {'model': 'fct_transactions', 'logged': 'transaction_key', 'through': 'this', 'on': 'ref_key'},
        {'model': 'fct_calls', 'logged': 'call_key', 'through': 'this', 'on': 'ref_key'},
        {'model': 'fct_cases', 'logged': 'case_key', 'through': 'this', 'on': 'ref_key'},
        {'due': ['touch_at', 'day_ends_at'], 'through': 'this'},
    ],
    logs=['period_month'],
    indexes=[
        {'columns': ['item_key']}, {'columns': ['ref_key']}, {'columns': ['period_month']}, {'columns': ['touch_at']},
        {'columns': ['day_ends_at']},
    ],
) }}
with

required as (
    select * from {{ ref('stg_pos__service_checklists') }}
    where is_required {{ and_changed() }}
),

-- a till names its own sales; calls and cases lie in the one source of their kind
named as (
    select
        required.*,
        case {{ referred_type('required.ref_type') }}
            when 'transaction' then required.source
            when 'call' then brand_sources.call_center_source
            when 'case' then brand_sources.crm_source
        end || '/' || required.ref_id as ref_key,
        {{ referred_type('required.ref_type') }} as named_type,
        {{ day_begins(add_days('required.service_date', 1), 'coalesce(locations.timezone, required.timezone)') }} as day_ends_at
    from required
    inner join {{ ref('int_brand_sources') }} as brand_sources on required.brand = brand_sources.brand
    left join {{ ref('stg_pos__locations') }} as locations on required.location_key = locations.location_key
),

-- a call is met when it is answered, a case when it is first replied to
met as (
    select
        named.*,
        coalesce(
            days.first_touch_at, least(transactions.opened_at, transactions.closed_at), calls.connected_at,
            cases.first_response_at
        ) as touch_at
    from named
    left join {{ ref('int_location_days') }} as days on named.location_day = days.location_day
    left join {{ ref('fct_transactions') }} as transactions
        on named.ref_key = transactions.transaction_key and named.named_type = 'transaction'
    left join {{ ref('fct_calls') }} as calls on named.ref_key = calls.call_key and named.named_type = 'call'
    left join {{ ref('fct_cases') }} as cases on named.ref_key = cases.case_key and named.named_type = 'case'
)

select
    met.item_key,
    met.brand,
    met.location_key,
    {{ month_start('met.service_date') }} as period_month,
    met.kind,
    met.ref_key,
    met.day_ends_at,
    met.touch_at,
    met.day_ends_at <= horizons.as_of or coalesce(met.touch_at <= horizons.as_of, false) as is_due,
    case when met.touch_at <= horizons.as_of then coalesce(met.done_at <= met.touch_at, false) end as is_prepared
from met
inner join {{ ref('int_brand_horizons') }} as horizons on met.brand = horizons.brand
