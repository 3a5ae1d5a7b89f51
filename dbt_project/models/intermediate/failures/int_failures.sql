{#- kind, fact, its key, the record's type, condition, instant, what a complaint about it would name, severity -#}
{%- set failures = [
    ('complaint', 'fct_cases', 'case_key', 'case', "case_kind = 'complaint'", 'created_at', "'case'", 'case_key', 'severity'),
    ('abandonment', 'fct_calls', 'call_key', 'call', 'is_abandoned', 'coalesce(ended_at, initiated_at)', "'call'", 'call_key', none),
    (
        'return', 'fct_transactions', 'transaction_key', 'transaction', 'is_return or has_return_reason', 'closed_at',
        "'transaction'", 'coalesce(return_of_transaction_key, transaction_key)', none
    ),
    (
        'low_score', 'fct_surveys', 'response_key', 'survey',
        "is_responded and survey_type = 'csat' and score_share <= " ~ var('low_score_share'), 'responded_at',
        'ref_type', 'ref_key', none
    ),
    ('recovery_detected', 'fct_recoveries', 'recovery_key', 'recovery', 'true', 'detected_at', "'case'", 'case_key', 'severity'),
    ('promise_broken', 'fct_promises', 'promise_key', 'promise', 'not is_kept', 'due_at', 'ref_type', 'ref_key', none),
] -%}
{{ config(
    materialized='by_key',
    key='ref_key',
    changed_by=[
        {'model': 'fct_cases', 'logged': 'case_key'},
        {'model': 'fct_calls', 'logged': 'call_key'},
        {'model': 'fct_transactions', 'logged': 'transaction_key'},
        {'model': 'fct_surveys', 'logged': 'response_key'},
        {'model': 'fct_recoveries', 'logged': 'recovery_key'},
        {'model': 'fct_promises', 'logged': 'promise_key'},
    ],
    logs=['voiced_key'],
    indexes=[{'columns': ['ref_key']}, {'columns': ['voiced_key']}],
) }}
with

failures as (
    {%- for kind, fact, key, ref_type, condition, occurred_at, voiced_type, voiced_key, severity in failures %}
    select
        brand,
        source,
        customer_id,
        '{{ kind }}' as failure_kind,
        {{ occurred_at }} as occurred_at,
        business_date,
        '{{ ref_type }}' as ref_type,
        {{ key }} as ref_key,
        {{ voiced_type }} as voiced_type,
        {{ voiced_key }} as voiced_key,
        cast({{ severity or 'null' }} as integer) as severity
    from {{ ref(fact) }}
    where ({{ condition }}) {{ and_changed(key) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    brand,
    source,
    customer_id,
    failure_kind,
    occurred_at,
    business_date,
    ref_type,
    ref_key,
    voiced_type,
    voiced_key,
    severity
from failures
