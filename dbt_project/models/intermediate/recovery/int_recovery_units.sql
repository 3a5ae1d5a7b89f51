{{ config(
    materialized='by_key',
    key='recovery_key',
    changed_by=[
        {'model': 'fct_recoveries'},
        {'model': 'fct_cases', 'logged': 'case_key', 'through': 'fct_recoveries'},
        {'model': 'fct_transactions', 'logged': 'transaction_key', 'through': 'fct_recoveries'},
        {'model': 'dim_locations', 'logged': 'location_key', 'through': 'this'},
    ],
    indexes=[{'columns': ['recovery_key']}, {'columns': ['location_key']}],
) }}
with

recoveries as (
    select * from {{ ref('fct_recoveries') }}
    {{ where_changed() }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

locations as (
    select * from {{ ref('dim_locations') }}
),

sources as (
    {{ build_sources() }}
)

select
    recoveries.recovery_key,
    recoveries.brand,
    coalesce(cases.location_key, transactions.location_key) as location_key,
    cases.queue_id,
    coalesce(locations.timezone, sources.timezone) as timezone
from recoveries
inner join sources
    on recoveries.source = sources.source
left join cases
    on recoveries.case_key = cases.case_key
left join transactions
    on recoveries.transaction_key = transactions.transaction_key
left join locations
    on coalesce(cases.location_key, transactions.location_key) = locations.location_key
