{{ config(
    materialized='by_key',
    key='call_key',
    changed_by=[
        {'model': 'stg_call_center__contacts', 'logged': 'call_key'},
        {'model': 'stg_call_center__callbacks', 'logged': 'leg_key', 'through': 'stg_call_center__contacts', 'on': 'leg_key'},
    ],
    indexes=[{'columns': ['call_key']}, {'columns': ['promised_to']}],
) }}
with

legs as (
    select * from {{ ref('stg_call_center__contacts') }}
    {{ where_changed() }}
),

callbacks as (
    select * from {{ ref('stg_call_center__callbacks') }}
)

-- of several callbacks promised to one caller the first counts
select
    legs.call_key,
    legs.brand,
    min(callbacks.promised_to) as promised_to,
    min(callbacks.connected_at) as connected_at
from legs
inner join callbacks
    on legs.leg_key = callbacks.leg_key
group by legs.call_key, legs.brand
