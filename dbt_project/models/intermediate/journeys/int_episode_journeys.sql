{{ config(
    materialized='by_key', key='customer_id', logs=['period_month', 'episode_key'],
    changed_by=[
        {'model': 'fct_touchpoints'}, {'model': 'fct_calls'}, {'model': 'fct_cases'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
        {'due': ['occurred_at', 'ended_at'], 'through': 'fct_touchpoints', 'after': var('journey_window_days') ~ ' days'},
    ],
    indexes=[{'columns': ['customer_id']}, {'columns': ['period_month']}, {'columns': ['episode_key']}],
) }}
{%- set minutes = var('journey_window_days') * 24 * 60 -%}
{%- set in_order = 'touches.occurred_at, ' ~ byte_order('touches.touch_key') -%}
with

-- where the person is met next at a later stage, whatever the matter: a question seldom names the order it leads to
ordered as (
    select
        touches.*,
        horizons.as_of,
        row_number() over (partition by touches.episode_key order by {{ in_order }}) as step,
        count(*) over (partition by touches.episode_key) as steps,
        {{ add_minutes('max(touches.ended_at) over (partition by touches.episode_key)', minutes) }} as judged_at,
        min(case when touches.journey_stage in ('during', 'after') then touches.occurred_at end) over later as past_before_at,
        min(case when touches.journey_stage = 'after' then touches.occurred_at end) over later as past_during_at
    from {{ ref('fct_touchpoints') }} as touches
    inner join {{ ref('int_brand_horizons') }} as horizons
        on touches.brand = horizons.brand and touches.occurred_at <= horizons.as_of
    where touches.episode_key is not null {{ and_changed('touches.customer_id') }}
    window later as (
        partition by touches.brand, touches.customer_id order by {{ in_order }} rows between 1 following and unbounded following
    )
),

-- what the records call unsolved: a caller who gave up, a call marked so, a case not solved in time
judged as (
    select
        ordered.*,
        coalesce(ordered.step = ordered.steps and (calls.is_abandoned or not calls.is_resolved), false)
        or coalesce(coalesce(cases.resolved_at, cases.closed_at) > ordered.judged_at, not cases.is_closed, false) as is_unsolved
    from ordered
    left join {{ ref('fct_calls') }} as calls on ordered.ref_type = 'call' and ordered.ref_key = calls.call_key
    left join {{ ref('fct_cases') }} as cases on ordered.case_key = cases.case_key
),

episodes as (
    select
        episode_key,
        brand,
        customer_id,
        {{ month_start('min(business_date)') }} as period_month,
        {{ journey_path() }} as path,
        max(case when step = steps then journey_stage end) as last_stage,
        max(case when step = steps then touchpoint_code end) as last_touchpoint_code,
        max(case when step = steps then issue_code end) as last_issue_code,
        max(case when step = steps then touch_key end) as last_touch_key,
        max(cast(is_unsolved as integer)) = 1 as is_unsolved,
        max(judged_at) as judged_at,
        max(as_of) as as_of,
        min(case when journey_stage = 'before' then occurred_at end) as before_at,
        min(case when journey_stage = 'before' then past_before_at end) as past_before_at,
        min(case when journey_stage = 'during' then occurred_at end) as during_at,
        min(case when journey_stage = 'during' then past_during_at end) as past_during_at,
        max(case when journey_stage = 'after' then 1 else 0 end) = 1 as has_after
    from judged
    group by episode_key, brand, customer_id
),

-- broken: left unsolved, and within the window nobody heard of the person about it again
ended as (
    select
        episodes.*,
        episodes.is_unsolved and not exists (  -- noqa: LT01, LT06
            select 1 from {{ ref('int_inbound_contacts') }} as met
            where
                episodes.brand = met.brand and episodes.customer_id = met.customer_id
                and episodes.judged_at >= met.occurred_at and {{ add_minutes('met.occurred_at', minutes) }} > episodes.judged_at
                and coalesce(met.issue_code = episodes.last_issue_code, true)
        ) as is_left
    from episodes
)

select
    episode_key,
    brand,
    customer_id,
    period_month,
    path,
    last_stage,
    last_touch_key,
    coalesce(last_touchpoint_code, 'untyped') as last_touchpoint_code,
    {%- for stage in ['before', 'during'] %}
    {{ add_minutes(stage ~ '_at', minutes) }} <= as_of as is_{{ stage }}_judged,
    case
        when past_{{ stage }}_at <= {{ add_minutes(stage ~ '_at', minutes) }}
            then {{ seconds_between(stage ~ '_at', 'past_' ~ stage ~ '_at') }}
    end as {{ stage }}_seconds,
    {{ stage }}_at is not null as has_{{ stage }},
    {%- endfor %}
    has_after,
    case when judged_at <= as_of then is_left end as is_broken
from ended
