with

recoveries as (
    select * from {{ ref('fct_recoveries') }}
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
