{%- set milestones = ['voiced_at', 'acknowledged_at', 'apologised_at', 'decided_at', 'completed_at'] -%}
{{ config(
    materialized='by_key',
    key='failure_key',
    changed_by=[
        {'model': 'fct_failures'},
        {'model': 'fct_recoveries', 'logged': 'recovery_key'},
        {'model': 'int_recovery_units', 'logged': 'recovery_key'},
        {'model': 'fct_recoveries', 'logged': 'case_key', 'through': 'fct_failures', 'on': 'ref_key'},
        {'model': 'fct_recoveries', 'logged': 'transaction_key', 'through': 'fct_failures', 'on': 'ref_key'},
        {'due': ['occurred_at'], 'through': 'fct_failures'},
        {'due': ['detected_at'] + milestones, 'through': 'fct_recoveries', 'key': 'recovery_key'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['failure_key']}, {'columns': ['customer_id']}],
) }}

with

recoveries as (
    select * from {{ ref('fct_recoveries') }}
),

failures as (
    select * from {{ ref('fct_failures') }}
),

units as (
    select * from {{ ref('int_recovery_units') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- What happened after the brand's as_of has not happened yet.
under_recovery as (
    select
        recoveries.recovery_key as failure_key,
        recoveries.brand,
        recoveries.source,
        recoveries.customer_id,
        recoveries.failure_type,
        recoveries.severity,
        recoveries.detected_at,
        {{ local_date('recoveries.detected_at', 'units.timezone') }} as detected_date,
        {%- for milestone in milestones %}
        case when recoveries.{{ milestone }} <= horizons.as_of then recoveries.{{ milestone }} end as {{ milestone }},
        {%- endfor %}
        {{ local_date('recoveries.completed_at', 'units.timezone') }} as completed_date,
        recoveries.voiced_at <= horizons.as_of as is_voiced,
        true as has_recovery,
        recoveries.compensation_amount,
        recoveries.currency,
        recoveries.outcome
    from recoveries
    inner join units on recoveries.recovery_key = units.recovery_key
    inner join horizons on recoveries.brand = horizons.brand
    where recoveries.detected_at <= horizons.as_of {{ and_changed('recoveries.recovery_key') }}
)

select * from under_recovery
union all
select
    failures.failure_key,
    failures.brand,
    failures.source,
    failures.customer_id,
    failures.failure_kind as failure_type,
    failures.severity,
    failures.occurred_at as detected_at,
    failures.business_date as detected_date,
    {%- for unknown in milestones + ['completed_date'] %}
    null as {{ unknown }},
    {%- endfor %}
    failures.is_voiced,
    false as has_recovery,
    null as compensation_amount,
    null as currency,
    null as outcome
from failures
inner join horizons
    on failures.brand = horizons.brand
-- two anti-joins: each looks a failure up by an index
left join {{ ref('fct_recoveries') }} as of_case
    on failures.brand = of_case.brand and failures.ref_key = of_case.case_key
left join {{ ref('fct_recoveries') }} as of_sale
    on failures.brand = of_sale.brand and failures.ref_key = of_sale.transaction_key
where
    failures.failure_kind <> 'recovery_detected'
    and of_case.recovery_key is null
    and of_sale.recovery_key is null
    and failures.occurred_at <= horizons.as_of {{ and_changed('failures.failure_key') }}
