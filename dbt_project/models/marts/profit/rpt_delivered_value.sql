{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[
        {'model': 'int_service_entries'},
        {'model': 'rpt_customer_effort'},
    ],
    indexes=[{'columns': ['period_month']}],
) }}
{%- set burdens = ['touches_mean', 'waiting_seconds_mean', 'transfers_mean', 'reasks_mean', 'channel_switches_mean'] -%}
with

entries as (
    select *
    from {{ ref('int_service_entries') }}
    where kind = 'sale' {{ and_changed() }}
),

efforts as (
    select *
    from {{ ref('rpt_customer_effort') }}
    where issue_code = 'all' {{ and_changed() }}
),

persons as (
    select
        brand,
        period_month,
        currency,
        case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
        coalesce(customer_id, entry_key) as person,
        count(*) as sales,
        count(dated_value) as priced_sales,
        coalesce(sum(realised_value), 0) as realised,
        coalesce(sum(dated_value), 0) as dated
    from entries
    group by
        brand, period_month, currency, coalesce(customer_id, entry_key), grouping sets ((segment_code), ())
),

cells as (
    select
        brand,
        period_month,
        segment_code,
        currency,
        cast(sum(sales) as bigint) as sales,
        cast(sum(priced_sales) as bigint) as priced_sales,
        {{ person_moments('realised', 'dated') }}
    from persons
    group by brand, period_month, segment_code, currency
)

select
    cells.brand,
    cells.period_month,
    cells.segment_code,
    cells.currency,
    cells.sales,
    cells.priced_sales,
    cast(cells.realised_k as bigint) as buyers,
    cast(case when cells.priced_sales > 0 then cells.realised_sum end as decimal(18, 2)) as realised_value,
    cast(case when cells.priced_sales > 0 then cells.realised_n end as decimal(18, 2)) as dated_value,
    {{ published(quotient('cells.realised_sum', 'cells.realised_n') ~ ' - 1', 'cells.realised_k') }} as price_premium,
    {%- for bound, sign in [('lower', '-'), ('upper', '+')] %}
    cast({{ person_mean_bound('realised', sign) }} - 1 as decimal(18, 4)) as price_premium_{{ bound }},
    {%- endfor %}
    efforts.episodes,
    efforts.persons as episode_persons,
    {%- for burden in burdens %}
    efforts.{{ burden }},
    {%- endfor %}
    efforts.waiting_seconds_known
from cells
left join efforts
    on
        cells.brand = efforts.brand
        and cells.period_month = efforts.period_month
        and cells.segment_code = 'all'
