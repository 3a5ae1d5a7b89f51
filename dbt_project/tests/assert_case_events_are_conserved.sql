{{ config(tags=['model']) }}
-- cases neither vanish nor multiply, and the events on them add up to the events staged for known cases
with

staged as (
    select count(*) as case_count from {{ ref('stg_crm__cases') }}
),

staged_events as (
    select count(*) as event_count
    from {{ ref('stg_crm__case_events') }} as events
    inner join {{ ref('stg_crm__cases') }} as cases
        on events.case_key = cases.case_key
),

facts as (
    select
        count(*) as case_count,
        coalesce(sum(event_count), 0) as event_count
    from {{ ref('fct_cases') }}
)

select
    staged.*,
    staged_events.*,
    facts.*
from staged
cross join staged_events
cross join facts
where
    staged.case_count <> facts.case_count
    or staged_events.event_count <> facts.event_count
