{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_coverage_hours'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

contacts as (
    select * from {{ ref('int_coverage_hours') }}
    {{ where_changed() }}
)

select
    brand,
    period_month,
    channel,
    hour_of_week,
    count(*) as contacts,
    count(is_open) as hours_known,
    count(case when is_open then 1 end) as in_hours,
    count(is_contained) as judged,
    count(case when is_unattended then 1 end) as unattended,
    count(case when is_contained then 1 end) as contained
from contacts
group by brand, period_month, channel, hour_of_week
