{{ config(
    materialized='by_key',
    key='touch_key',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'model': 'fct_calls', 'logged': 'call_key', 'as': "'call/' || log.key"},
        {'model': 'stg_crm__cases', 'logged': 'case_key', 'through': 'fct_touchpoints'},
        {'model': 'int_contact_handling'},
        {'model': 'int_first_contacts', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
        {'model': 'int_scored_moments', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['touch_key']}, {'columns': ['period_month']}],
) }}
with

contacts as (
    select * from {{ ref('int_inbound_contacts') }}
    {{ where_changed() }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

cases as (
    select * from {{ ref('stg_crm__cases') }}
),

handling as (
    select * from {{ ref('int_contact_handling') }}
),

first_contacts as (
    select * from {{ ref('int_first_contacts') }}
),

scored_moments as (
    select * from {{ ref('int_scored_moments') }}
),

-- who was served last by whom: the agent of the call that leads the touch, else the owner of its case
served as (
    select
        contacts.*,
        cases.case_kind,
        calls.source || '/' || calls.agent_id as agent_key,
        case when contacts.call_key is null then cases.owner_employee_id end as owner_employee_id
    from contacts
    left join calls
        on contacts.call_key = calls.call_key
    left join cases
        on contacts.case_key = cases.case_key
),

-- a share over several instruments would tell which of them somebody's customers are asked
evaluated as (
    select
        served.touch_key,
        count(*) as answers,
        count(case when moments.is_satisfied then 1 end) as satisfied,
        count(case when moments.is_end or moments.is_extreme then 1 end) as remembered,
        count(case when moments.is_good and (moments.is_end or moments.is_extreme) then 1 end) as remembered_well
    from served
    inner join scored_moments as moments
        on
            served.customer_id = moments.customer_id
            and served.touch_key = moments.touch_key
    where moments.survey_type = 'csat'
    group by served.touch_key
)

select
    served.touch_key,
    served.brand,
    {{ month_start('served.business_date') }} as period_month,
    served.agent_key,
    served.owner_employee_id,
    coalesce(served.issue_code, 'unknown') || '/' || served.channel
    || case when handling.is_handed_over then '/handed_over' else '' end as stratum,
    case when handling.is_handling_recorded then handling.labour_seconds end as handle_seconds,
    first_contacts.is_without_return,
    coalesce(evaluated.answers, 0) as answers,
    coalesce(evaluated.satisfied, 0) as satisfied,
    coalesce(evaluated.remembered, 0) as remembered,
    coalesce(evaluated.remembered_well, 0) as remembered_well,
    served.is_complaint,
    coalesce(served.case_kind = 'compliment', false) as is_compliment
from served
left join handling
    on served.touch_key = handling.touch_key
left join first_contacts
    on
        served.customer_id = first_contacts.customer_id
        and served.touch_key = first_contacts.touch_key
left join evaluated
    on served.touch_key = evaluated.touch_key
where coalesce(served.agent_key, served.owner_employee_id) is not null
