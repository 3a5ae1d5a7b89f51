{{ config(
    materialized='by_key',
    key='location_key',
    changed_by=[
        {'model': 'stg_pos__locations'},
        {'model': 'stg_pos__transactions', 'logged': 'location_key'},
    ],
    indexes=[{'columns': ['location_key']}],
) }}
with

locations as (
    select * from {{ ref('stg_pos__locations') }}
    {{ where_changed() }}
),

transactions as (
    select * from {{ ref('stg_pos__transactions') }}
),

-- a place that sells but was never described is still a member: its sales must not vanish from a join
inferred as (
    select
        transactions.location_key,
        transactions.brand,
        transactions.source,
        transactions.location_id,
        min(transactions.timezone) as timezone
    from transactions
    left join locations
        on transactions.location_key = locations.location_key
    where locations.location_key is null {{ and_changed('transactions.location_key') }}
    group by transactions.location_key, transactions.brand, transactions.source, transactions.location_id
)

select
    location_key,
    brand,
    source,
    location_id,
    name,
    timezone,
    region,
    format,
    false as is_inferred
from locations
union all
select
    location_key,
    brand,
    source,
    location_id,
    cast(null as text) as name,
    timezone,
    cast(null as text) as region,
    cast(null as text) as format,
    true as is_inferred
from inferred
