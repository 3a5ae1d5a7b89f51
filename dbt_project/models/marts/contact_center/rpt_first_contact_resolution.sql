{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_first_contacts'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

first_contacts as (
    select * from {{ ref('int_first_contacts') }}
    {{ where_changed() }}
),

cells as (
    select
        brand,
        period_month,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        case when grouping(issue_code) = 1 then 'all' else issue_code end as issue_code,
        count(*) as first_contacts,
        sum(case when is_window_closed then 1 else 0 end) as closed_windows,
        sum(case when is_without_return then 1 else 0 end) as without_return,
        sum(case when is_without_same_channel_return then 1 else 0 end) as without_same_channel_return,
        sum(
            case when is_without_same_channel_return and not is_without_return then 1 else 0 end
        ) as channel_leakage,
        count(is_confirmed_resolved) as confirmations_known,
        sum(case when is_confirmed_resolved then 1 else 0 end) as confirmed_resolved
    from first_contacts
    group by grouping sets (
        (brand, period_month, channel, issue_code),
        (brand, period_month, channel),
        (brand, period_month, issue_code),
        (brand, period_month)
    )
)

select
    *,
    {{ ratio('without_return', 'closed_windows') }} as first_contact_resolution,
    {{ wilson_lower('without_return', 'closed_windows') }} as first_contact_resolution_lower,
    {{ wilson_upper('without_return', 'closed_windows') }} as first_contact_resolution_upper,
    {{ ratio('without_same_channel_return', 'closed_windows') }} as same_channel_resolution,
    {{ ratio('channel_leakage', 'closed_windows') }} as channel_leakage_share,
    {{ ratio('confirmed_resolved', 'confirmations_known') }} as confirmed_resolution,
    {{ var('first_contact_window_days') }} as window_days
from cells
