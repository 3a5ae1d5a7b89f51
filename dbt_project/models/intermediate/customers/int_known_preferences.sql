{{ config(materialized='view') }}
with

contacts as (
    select * from {{ ref('int_preference_contacts') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
)

select
    contacts.brand,
    contacts.customer_id,
    contacts.preference_code,
    contacts.origin,
    {{ seconds_between('contacts.recorded_at', 'horizons.as_of') }} / 86400 as age_days,
    {{ add_minutes('greatest(contacts.recorded_at, contacts.last_used_at)', var('preference_review_days') * 24 * 60) }}
    <= horizons.as_of as is_stale,
    contacts.contacts,
    -- where no use of the brand is recorded, nobody knows that there were none
    case when max(contacts.contacts_used) over (partition by contacts.brand) > 0 then contacts.contacts_used end as contacts_used
from contacts
inner join horizons on contacts.brand = horizons.brand
