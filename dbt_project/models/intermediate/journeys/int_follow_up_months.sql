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
    case when grouping(channel) = 1 then 'all' else channel end as channel,
    case when grouping(issue_code) = 1 then 'all' else issue_code end as issue_code,
    count(*) as closed,
    count(case when has_code then 1 end) as coded,
    count(case when has_note then 1 end) as noted,
    count(case when has_code and has_note then 1 end) as documented,
    count(is_refreshed) as refresh_judged,
    count(case when is_refreshed then 1 end) as refreshed,
    count(has_next) as next_judged,
    count(is_viewed) as next_contacts,
    count(case when is_viewed then 1 end) as viewed,
    count(is_not_asked_again) as asking_known,
    count(case when is_not_asked_again then 1 end) as not_asked_again
from cases
group by brand, period_month, grouping sets ((channel, issue_code), (channel), (issue_code), ())
