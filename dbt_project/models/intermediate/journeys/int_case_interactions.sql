{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[
        {'model': 'fct_cases'},
        {'model': 'stg_crm__cases'},
        {'model': 'stg_crm__case_events', 'logged': 'case_key'},
        {'model': 'fct_touchpoints', 'logged': 'customer_id', 'through': 'fct_cases'},
        {'due': ['closed_at'], 'through': 'fct_cases'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['case_key']}, {'columns': ['period_month']}],
) }}
with

closed as (
    select
        cases.*,
        {{ month_start(local_date('cases.closed_at', 'staged.timezone')) }} as period_month
    from {{ ref('fct_cases') }} as cases
    inner join {{ ref('int_brand_horizons') }} as horizons
        on cases.brand = horizons.brand and cases.closed_at <= horizons.as_of
    inner join {{ ref('stg_crm__cases') }} as staged on cases.case_key = staged.case_key
    {{ where_changed('cases.case_key') }}
),

-- opening the case is no turn of the conversation
talked as (
    select
        closed.case_key,
        count(case when events.actor_type = 'customer' and events.event_type <> 'created' then 1 end) as customer_turns,
        count(case when events.actor_type = 'employee' and events.is_public then 1 end) as updates,
        count(case when events.event_type = 'issue_change' then 1 end) as issue_changes
    from closed
    inner join {{ ref('stg_crm__case_events') }} as events
        on closed.case_key = events.case_key and closed.closed_at >= events.occurred_at
    group by closed.case_key
),

-- what the touches of its episode were about until it was closed
issues as (
    select
        closed.case_key,
        count(distinct touches.issue_code) as issues
    from closed
    inner join {{ ref('fct_touchpoints') }} as own
        on closed.case_key = own.case_key
    inner join {{ ref('fct_touchpoints') }} as touches
        on own.episode_key = touches.episode_key and closed.closed_at >= touches.occurred_at
    group by closed.case_key
)

select
    closed.case_key,
    closed.brand,
    closed.customer_id,
    closed.period_month,
    closed.origin_channel as channel,
    greatest(0, {{ seconds_between('closed.created_at', 'closed.closed_at') }}) as open_seconds,
    talked.customer_turns,
    talked.updates,
    case
        when issues.issues > 1 or talked.issue_changes > 0 then true
        when issues.issues = 1 then false
    end as is_issue_changed
from closed
left join talked on closed.case_key = talked.case_key
left join issues on closed.case_key = issues.case_key
