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
with

contacts as (
    select * from {{ ref('int_coverage_contacts') }}
    {{ where_changed() }}
),

{{ openings('contacts', 'contact_key', 'queue_key', ref('stg_call_center__queue_hours')) }}

select
    contacts.contact_key,
    contacts.brand,
    contacts.channel,
    {{ month_start('contacts.business_date') }} as period_month,
    {{ iso_weekday('contacts.business_date') }} || '-' || substr(contacts.local_clock, 1, 2) as hour_of_week,
    openings.is_open,
    contacts.is_unattended,
    contacts.is_contained
from contacts
left join openings on contacts.contact_key = openings.contact_key
