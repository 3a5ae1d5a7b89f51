{{ config(
    materialized='by_key',
    key='business_date',
    key_type='date',
    changed_by=[
        {'model': 'fct_calls'},
        {'due': ['initiated_at'], 'through': 'fct_calls'},
    ],
    indexes=[{'columns': ['business_date']}],
) }}
with

outcomes as (
    select * from {{ ref('int_call_outcomes') }}
    {{ where_changed() }}
)

select
    brand,
    source,
    queue_id,
    channel,
    business_date,
    {{ sum_contact_center_parts() }}
from outcomes
group by brand, source, queue_id, channel, business_date
