{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_service_entries'}],
    indexes=[{'columns': ['period_month']}],
) }}
{%- set sums = ['net_sales', 'cost_of_goods', 'refunds', 'contact_cost', 'compensation', 'delivery_cost'] -%}
{%- set costs = sums[2:] -%}
{%- set in_all = 'coalesce(' ~ costs | join(', 0) + coalesce(') ~ ', 0)' -%}
-- noqa: disable=LT05
with

entries as (
    select * from {{ ref('int_service_entries') }}
    {{ where_changed() }}
),

-- a person's sales and costs go together: the interval counts persons; who is unknown stands alone
persons as (
    select
        brand,
        period_month,
        currency,
        case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
        coalesce(customer_id, entry_key) as person,
        max(case when customer_id is not null and kind = 'sale' then 1 else 0 end) as known_buyer,
        {%- for kind in ['sale', 'return', 'contact', 'compensation'] %}
        sum(case when kind = '{{ kind }}' then 1 else 0 end) as {{ kind }}s,
        {%- endfor %}
        sum(case when kind = 'sale' and not is_costed then 1 else 0 end) as uncosted_sales,
        sum(case when kind = 'contact' and not is_costed then 1 else 0 end) as uncosted_contacts,
        count(delivery_cost) as deliveries,
        sum(labour_seconds) as labour_seconds,
        {%- for column in sums %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        sum({{ in_all }}) as service,
        sum(coalesce(net_sales, 0)) as sold
    from entries
    group by brand, period_month, currency, coalesce(customer_id, entry_key), grouping sets ((segment_code), ())
),

cells as (
    select
        brand,
        period_month,
        segment_code,
        currency,
        cast(sum(known_buyer) as bigint) as customers,
        {%- for count in ['sales', 'uncosted_sales', 'returns', 'contacts', 'uncosted_contacts', 'compensations', 'deliveries'] %}
        cast(sum({{ count }}) as bigint) as {{ count }},
        {%- endfor %}
        sum(labour_seconds) as labour_seconds,
        {%- for column in sums %}
        cast(sum({{ column }}) as decimal(18, 2)) as {{ column }},
        {%- endfor %}
        {{ person_moments('service', 'sold') }}
    from persons
    group by brand, period_month, segment_code, currency
),

served as (
    select
        *,
        case when coalesce({{ costs | join(', ') }}) is not null then {{ in_all }} end as service_cost
    from cells
)

select
    brand,
    period_month,
    segment_code,
    currency,
    customers,
    sales,
    net_sales,
    uncosted_sales,
    cast(case when uncosted_sales = 0 then cost_of_goods end as decimal(18, 2)) as cost_of_goods,
    contacts,
    uncosted_contacts,
    {{ rounded(quotient('labour_seconds', '3600')) }} as contact_hours,
    contact_cost,
    returns,
    refunds,
    compensations,
    compensation,
    deliveries,
    delivery_cost,
    cast(service_cost as decimal(18, 2)) as service_cost,
    cast(service_k as bigint) as buyers,
    {%- set share = published(quotient('service_sum', 'service_n'), 'service_k') %}
    {%- for name, bound in [('', share), ('_lower', person_mean_bound('service', '-')), ('_upper', person_mean_bound('service', '+'))] %}
    cast(case when service_cost is not null then {{ bound }} end as decimal(18, 4)) as service_cost_share{{ name }},
    {%- endfor %}
    cast(net_sales - coalesce(service_cost, 0) as decimal(18, 2)) as sales_after_service,
    cast(case when uncosted_sales = 0 then net_sales - cost_of_goods - coalesce(service_cost, 0) end as decimal(18, 2)) as margin_after_service
from served
