{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_customer_preferences'}, {'model': 'int_preference_uses'}, {'model': 'fct_touchpoints'},
        {'model': 'fct_calls'},
        {'due': ['recorded_at'], 'through': 'int_customer_preferences'},
        {'due': ['used_at'], 'through': 'int_preference_uses'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- of a person with several contacts in the CRM the latest recording counts
preferences as (
    select
        known.*,
        row_number() over (
            partition by known.brand, known.customer_id, known.preference_code
            order by known.recorded_at desc, {{ byte_order('known.preference_key') }}
        ) as recency
    from {{ ref('int_customer_preferences') }} as known
    inner join horizons on known.brand = horizons.brand and known.recorded_at <= horizons.as_of
    {{ where_changed('known.customer_id') }}
),

-- a caller who gave up met nobody who could have known
contacts as (
    select contacts.*
    from {{ ref('int_inbound_contacts') }} as contacts
    left join {{ ref('fct_calls') }} as calls on contacts.call_key = calls.call_key
    where (contacts.call_key is null or calls.is_answered) {{ and_changed('contacts.customer_id') }}
),

uses as (
    select uses.*
    from {{ ref('int_preference_uses') }} as uses
    inner join horizons on uses.brand = horizons.brand and uses.used_at <= horizons.as_of
    {{ where_changed('uses.customer_id') }}
),

-- the latest contact whose record a use names, or during which it lies
placed as (
    select
        uses.*,
        contacts.touch_key,
        row_number() over (
            partition by uses.use_key order by contacts.occurred_at desc, {{ byte_order('contacts.touch_key') }}
        ) as nearness
    from uses
    inner join contacts
        on
            uses.brand = contacts.brand and uses.customer_id = contacts.customer_id
            and uses.used_at >= contacts.occurred_at
            and (uses.ref_key in (contacts.call_key, contacts.case_key) or uses.used_at <= contacts.ended_at)
),

last_uses as (
    select
        brand,
        customer_id,
        preference_code,
        max(used_at) as last_used_at
    from uses
    group by brand, customer_id, preference_code
)

select
    preferences.brand,
    preferences.customer_id,
    case when grouping(preferences.preference_code) = 1 then 'all' else preferences.preference_code end as preference_code,
    case when grouping(preferences.origin) = 1 then 'all' else preferences.origin end as origin,
    max(preferences.recorded_at) as recorded_at,
    max(last_uses.last_used_at) as last_used_at,
    count(distinct contacts.touch_key) as contacts,
    count(distinct placed.touch_key) as contacts_used
from preferences
left join contacts
    on
        preferences.brand = contacts.brand and preferences.customer_id = contacts.customer_id
        and preferences.recorded_at < contacts.occurred_at
left join placed
    on contacts.touch_key = placed.touch_key and preferences.preference_code = placed.preference_code and placed.nearness = 1
left join last_uses
    on
        preferences.brand = last_uses.brand and preferences.customer_id = last_uses.customer_id
        and preferences.preference_code = last_uses.preference_code
where preferences.recency = 1
group by
    preferences.brand, preferences.customer_id,
    grouping sets ((preferences.preference_code, preferences.origin), (preferences.preference_code), (preferences.origin), ())
