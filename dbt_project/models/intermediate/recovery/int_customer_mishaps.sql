{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_failure_recoveries', 'logged': 'customer_id'}],
    indexes=[{'columns': ['customer_id']}, {'columns': ['detected_at']}, {'columns': ['detected_date']}],
) }}
with

-- a late order under recovery is a broken promise, too: what a person met at one instant is one mishap
mishaps as (
    select
        brand,
        customer_id,
        detected_at,
        min({{ byte_order('failure_key') }}) as failure_key,
        min(detected_date) as detected_date,
        {{ first_known('failure_type', 'has_recovery desc, ' ~ byte_order('failure_key')) }} as failure_type,
        max(severity) as severity,
        max(completed_at) as completed_at,
        max(completed_date) as completed_date,
        max(case when outcome = 'rejected' then 1 else 0 end) = 1 as is_rejected
    from {{ ref('int_failure_recoveries') }}
    where customer_id is not null {{ and_changed() }}
    group by brand, customer_id, detected_at
)

select
    *,
    lag(detected_at) over (partition by brand, customer_id order by detected_at) as previous_at,
    lead(detected_at) over (partition by brand, customer_id order by detected_at) as next_at
from mishaps
