{{ config(
    materialized='by_key',
    key='ref_key',
    changed_by=[
        {'model': 'int_failures'},
        {'model': 'int_complaint_references', 'logged': 'ref_key', 'through': 'int_failures', 'on': 'voiced_key'},
    ],
    logs=['failure_key', 'customer_id'],
    indexes=[{'columns': ['ref_key']}, {'columns': ['customer_id']}, {'columns': ['failure_key']}, {'columns': ['occurred_at']}],
) }}
with

failures as (
    select * from {{ ref('int_failures') }}
    {{ where_changed() }}
),

complaint_references as (
    select * from {{ ref('int_complaint_references') }}
),

judged as (
    select
        failures.*,
        exists (  -- noqa: LT01, LT06
            select 1 from complaint_references as voiced
            where failures.voiced_type = voiced.ref_type and failures.voiced_key = voiced.ref_key
        ) as is_voiced
    from failures
)

select
    judged.failure_kind || '/' || judged.ref_key as failure_key,
    judged.brand,
    judged.source,
    judged.customer_id,
    judged.failure_kind,
    judged.occurred_at,
    judged.business_date,
    judged.ref_type,
    judged.ref_key,
    judged.is_voiced,
    judged.severity
from judged
