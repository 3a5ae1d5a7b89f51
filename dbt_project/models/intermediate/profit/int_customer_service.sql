{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_service_entries'}],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set costs = ['contact_cost', 'refunds', 'compensation', 'delivery_cost'] -%}
with

entries as (
    select * from {{ ref('int_service_entries') }}
    where customer_id is not null {{ and_changed() }}
)

select
    brand,
    customer_id,
    segment_code,
    currency,
    period_month,
    count(case when kind = 'sale' then 1 end) as sales,
    count(case when kind = 'sale' and not is_costed then 1 end) as uncosted_sales,
    count(case when kind = 'contact' then 1 end) as contacts,
    count(case when kind = 'contact' and not is_costed then 1 end) as uncosted_contacts,
    sum(net_sales) as net_sales,
    sum(cost_of_goods) as cost_of_goods,
    sum(
        case
            when coalesce({{ costs | join(', ') }}) is not null
                then coalesce({{ costs | join(', 0) + coalesce(') }}, 0)
        end
    ) as service_cost
from entries
group by brand, customer_id, segment_code, currency, period_month
