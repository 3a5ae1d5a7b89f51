{{ config(
    materialized='by_key',
    key='recovery_key',
    changed_by=[{'raw': ['raw_crm', 'crm_recoveries'], 'keys': ['recovery_id'], 'event': 'detected_at'}],
    indexes=[{'columns': ['recovery_key']}, {'columns': ['case_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

recoveries as (
    {{ newest_version(source('raw_crm', 'crm_recoveries'), ['recovery_id'], event_at='detected_at') }}
)

select
    sources.brand,
    sources.source,
    recoveries._version_at,
    recoveries._payload_hash,
    sources.timezone,
    recoveries.recovery_id,
    recoveries.ref_type,
    recoveries.ref_id,
    recoveries.failure_type,
    recoveries.detected_at,
    recoveries.acknowledged_at,
    recoveries.compensation_amount,
    recoveries.first_employee_id,
    recoveries.employee_id,
    recoveries.approval_requested_at,
    recoveries.approved_by,
    recoveries.decided_at,
    recoveries.is_escalated,
    recoveries.completed_at,
    recoveries.outcome,
    sources.source || '/' || recoveries.recovery_id as recovery_key,
    sources.source || '/' || recoveries.case_id as case_key,
    coalesce(recoveries.currency, sources.currency) as currency
from recoveries
inner join sources
    on recoveries._source = sources.source
