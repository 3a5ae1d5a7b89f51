{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[
        {'model': 'int_employee_contacts'},
        {'model': 'int_service_observations'},
        {'due': ['observed_at'], 'through': 'int_service_observations'},
        {'model': 'stg_call_center__agents', 'logged': 'agent_key', 'through': 'this'},
    ],
    indexes=[{'columns': ['period_month']}, {'columns': ['agent_key']}],
) }}
{#- measure: what it is taken from, what makes it comparable, how many were seen, what they add up to -#}
{%- set measures = {
    'handle_seconds': ('contacts', 'case when handle_seconds is not null then 1 else 0 end', 'handle_seconds'),
    'no_return': ('contacts', 'case when is_without_return is not null then 1 else 0 end', 'cast(is_without_return as integer)'),
    'satisfied': ('contacts', 'answers', 'satisfied'),
    'remembered_well': ('contacts', 'remembered', 'remembered_well'),
    'standard_kept': ('observations', '1', 'cast(is_observed as integer)'),
    'compliment': ('contacts', '1', 'cast(is_compliment as integer)'),
    'complaint': ('contacts', '1', 'cast(is_complaint as integer)'),
} -%}
with

agents as (
    select * from {{ ref('stg_call_center__agents') }}
),

contacts as (
    select * from {{ ref('int_employee_contacts') }}
    {{ where_changed() }}
),

observations as (
    select
        records.brand,
        records.period_month,
        cast(null as text) as agent_key,
        records.employee_id as owner_employee_id,
        records.item_code || '/' || coalesce(records.location_key, records.queue_key, 'unknown') as stratum,
        records.is_observed
    from {{ ref('int_service_observations') }} as records
    inner join {{ ref('int_brand_horizons') }} as horizons
        on records.brand = horizons.brand and records.observed_at <= horizons.as_of
    where records.employee_id is not null and records.is_observed is not null {{ and_changed('records.period_month') }}
),

measured as (
    {%- for measure, (origin, n, total) in measures.items() %}
    select
        brand,
        period_month,
        agent_key,
        owner_employee_id,
        '{{ measure }}' as measure,
        stratum,
        sum({{ n }}) as n,
        sum({{ total }}) as total,
        sum({{ total }} * {{ total }}) as squares
    from {{ origin }}
    group by brand, period_month, agent_key, owner_employee_id, stratum
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

-- an agent whom nobody ties to an employee is one by the key of the agent
select
    measured.brand,
    measured.period_month,
    measured.agent_key,
    coalesce(agents.employee_id, measured.owner_employee_id, measured.agent_key) as employee_id,
    measured.measure,
    measured.stratum,
    cast(measured.n as bigint) as n,
    cast(measured.total as bigint) as total,
    cast(measured.squares as decimal(28, 0)) as squares
from measured
left join agents
    on measured.agent_key = agents.agent_key
where measured.n > 0
