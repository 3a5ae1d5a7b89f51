{{ config(
    materialized='by_key',
    key='ref_key',
    changed_by=[
        {'model': 'fct_transactions', 'logged': 'transaction_key'},
        {'model': 'fct_calls', 'logged': 'call_key'},
        {'model': 'fct_cases', 'logged': 'case_key'},
    ],
    logs=['owner_key'],
    indexes=[{'columns': ['ref_key']}, {'columns': ['owner_key']}],
) }}
with

records as (
    select * from {{ ref('int_conformed_records') }}
    {{ where_changed() }}
),

rules as (
    select * from {{ ref('touchpoint_rules') }}
),

combinations as (
    select distinct
        ref_type,
        channel,
        direction,
        kind
    from records
),

touchpoint_types as (
    {{ best_touchpoint_rules('combinations', 'rules') }}
)

select
    records.*,
    touchpoint_types.touchpoint_code,
    coalesce(records.issue_stage, touchpoint_types.journey_stage) as journey_stage,
    -- whose touches a record is ordered among; of nobody known it stands alone
    coalesce(records.customer_id, records.record_key) as owner_key
from records
left join touchpoint_types
    on
        records.ref_type = touchpoint_types.ref_type
        and records.channel = touchpoint_types.channel
        and records.direction = touchpoint_types.direction
        and records.kind = touchpoint_types.kind
