{{ config(
    materialized='by_key',
    key='brand',
    changed_by=[{'model': 'int_recovery_weeks'}],
    indexes=[{'columns': ['brand']}],
) }}
with

weeks as (
    select * from {{ ref('int_recovery_weeks') }}
    {{ where_changed() }}
),

observed as (
    select
        brand,
        'repurchase' as scope,
        customer_id,
        stratum,
        standing,
        severity,
        cast(is_retained as {{ double_type() }}) as value
    from weeks
    where is_latest
    union all
    select
        brand,
        'satisfaction/' || survey_version as scope,
        customer_id,
        stratum,
        standing,
        severity,
        later_score as value
    from weeks
    where later_score is not null
),

touched as (
    select
        brand,
        scope,
        standing || '/all' as code,
        customer_id,
        stratum,
        value
    from observed
    where standing <> 'none'
    union all
    select
        brand,
        scope,
        standing || '/' || severity as code,
        customer_id,
        stratum,
        value
    from observed
    where standing <> 'none'
),

others as (
    select * from observed
    where standing = 'none'
),

{{ matched_differences('touched', 'others') }}
