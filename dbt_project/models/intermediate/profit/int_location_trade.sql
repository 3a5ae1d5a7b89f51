{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_service_entries'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

entries as (
    select * from {{ ref('int_service_entries') }}
    where location_key is not null {{ and_changed() }}
)

select
    brand,
    location_key,
    period_month,
    currency,
    cast(sum(net_sales) as decimal(18, 2)) as net_sales,
    cast(
        case
            when sum(case when kind = 'sale' and not is_costed then 1 else 0 end) = 0
                then sum(net_sales) - sum(cost_of_goods) - coalesce(sum(refunds), 0) - coalesce(sum(delivery_cost), 0)
        end as decimal(18, 2)
    ) as margin
from entries
group by brand, location_key, period_month, currency
