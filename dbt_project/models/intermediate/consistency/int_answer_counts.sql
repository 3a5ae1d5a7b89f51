{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_case_follow_ups'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

cases as (
    select * from {{ ref('int_case_follow_ups') }}
    {{ where_changed() }}
)

select
    brand,
    period_month,
    issue_code,
    channel,
    resolution_code,
    count(*) as n
from cases
group by brand, period_month, issue_code, channel, resolution_code
