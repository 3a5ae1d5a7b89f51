{{ config(
    materialized='by_key',
    key='contact_key',
    changed_by=[
        {'model': 'int_coverage_contacts'},
        {'model': 'stg_call_center__queue_hours', 'logged': 'queue_key', 'through': 'int_coverage_contacts'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['contact_key']}, {'columns': ['period_month']}],
) }}
{%- set valid_to = "coalesce(hours.valid_to, cast('9999-12-31' as date))" -%}
with

contacts as (
    select
        *,
        {{ iso_weekday('business_date') }} as iso_weekday
    from {{ ref('int_coverage_contacts') }}
    {{ where_changed() }}
),

-- a window that passes midnight may have opened the day before
windows as (
    select
        contacts.contact_key,
        contacts.local_clock,
        hours.opens,
        hours.closes,
        hours.closes <= hours.opens as passes_midnight,
        contacts.business_date < {{ valid_to }} as is_of_day,
        hours.weekday = contacts.iso_weekday and contacts.business_date < {{ valid_to }} as opens_on_day,
        hours.weekday = mod(contacts.iso_weekday + 5, 7) + 1 and contacts.business_date > hours.valid_from as opened_day_before
    from contacts
    inner join {{ ref('stg_call_center__queue_hours') }} as hours
        on
            contacts.queue_key = hours.queue_key
            and contacts.business_date >= hours.valid_from
            and contacts.business_date <= {{ valid_to }}
),

-- a queue with any window of these days is known to be closed outside of them
openings as (
    select
        contact_key,
        max(case
            when opens_on_day and local_clock >= opens and (local_clock < closes or passes_midnight) then 1
            when opened_day_before and passes_midnight and local_clock < closes then 1
            else 0
        end) as is_open
    from windows
    group by contact_key
    having max(case when is_of_day then 1 else 0 end) = 1
)

select
    contacts.contact_key,
    contacts.brand,
    contacts.channel,
    {{ month_start('contacts.business_date') }} as period_month,
    contacts.iso_weekday || '-' || substr(contacts.local_clock, 1, 2) as hour_of_week,
    openings.is_open = 1 as is_open,
    contacts.is_unattended,
    contacts.is_contained
from contacts
left join openings on contacts.contact_key = openings.contact_key
