{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[
        {'model': 'int_contact_causes'},
        {'model': 'int_contact_handling'},
    ],
    indexes=[{'columns': ['period_month']}],
) }}
with

contacts as (
    select
        causes.brand,
        causes.period_month,
        causes.channel,
        causes.is_known,
        causes.cause,
        handling.labour_seconds,
        handling.cost,
        handling.currency
    from {{ ref('int_contact_causes') }} as causes
    inner join {{ ref('int_contact_handling') }} as handling
        on causes.touch_key = handling.touch_key
    {{ where_changed('causes.period_month') }}
),

totals as (
    select
        brand,
        period_month,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        sum(case when is_known then 0 else 1 end) as contacts_of_unknown,
        sum(case when is_known then 1 else 0 end) as contacts,
        sum(case when is_known then cost end) as contacts_cost,
        max(currency) as currency
    from contacts
    group by brand, period_month, grouping sets ((channel), ())
),

caused as (
    select
        brand,
        period_month,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        case when grouping(cause) = 1 then 'all' else cause end as cause,
        count(*) as failure_contacts,
        sum(labour_seconds) as labour_seconds,
        sum(cost) as failure_cost,
        sum(case when cost is null then 1 else 0 end) as uncosted_contacts
    from contacts
    where cause <> 'none'
    group by brand, period_month, grouping sets ((channel, cause), (channel), (cause), ())
),

-- one row a cause, also where it caused nothing
causes as (
    {%- for cause in ['complaint', 'broken_promise', 'chase', 'repeat', 'all'] %}
    select '{{ cause }}' as cause {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cells as (
    select
        totals.*,
        causes.cause,
        coalesce(caused.failure_contacts, 0) as failure_contacts,
        coalesce(caused.labour_seconds, 0) as labour_seconds,
        coalesce(caused.failure_cost, 0) as failure_cost,
        coalesce(caused.uncosted_contacts, 0) as uncosted_contacts
    from totals
    cross join causes
    left join caused
        on
            totals.brand = caused.brand
            and totals.period_month = caused.period_month
            and totals.channel = caused.channel
            and causes.cause = caused.cause
)

select
    brand,
    period_month,
    channel,
    cause,
    contacts_of_unknown,
    contacts,
    failure_contacts,
    {{ ratio('failure_contacts', 'contacts') }} as failure_share,
    {{ wilson_lower('failure_contacts', 'contacts') }} as failure_share_lower,
    {{ wilson_upper('failure_contacts', 'contacts') }} as failure_share_upper,
    {{ rounded(quotient('labour_seconds', '3600')) }} as labour_hours,
    cast({{ rounded('failure_cost', 2) }} as decimal(18, 2)) as failure_cost,
    cast({{ rounded('contacts_cost', 2) }} as decimal(18, 2)) as contacts_cost,
    uncosted_contacts,
    currency,
    {{ var('first_contact_window_days') }} as window_days,
    {{ var('overdue_promise_days') }} as overdue_promise_days
from cells
