with

-- the closed months before that of as_of; what is null of everybody is unknown, what is null of one person is nothing
persons as (
    select
        service.brand,
        service.segment_code,
        horizons.currency,
        service.customer_id,
        sum(service.sales) as sales,
        sum(service.uncosted_sales) as uncosted_sales,
        sum(service.contacts) as contacts,
        sum(service.uncosted_contacts) as uncosted_contacts,
        coalesce(sum(service.net_sales), 0) as net_sales,
        coalesce(sum(service.cost_of_goods), 0) as cost_of_goods,
        coalesce(sum(service.service_cost), 0) as service_cost,
        count(service.service_cost) as costs_known
    from {{ ref('int_customer_service') }} as service
    inner join {{ ref('int_brand_horizons') }} as horizons
        on service.brand = horizons.brand and service.currency = horizons.currency
    where {{ months_between('service.period_month', 'horizons.as_of_date') }} between 1 and {{ var('segment_fit_months') }}
    group by service.brand, service.segment_code, horizons.currency, service.customer_id
),

left_over as (
    select
        *,
        net_sales - cost_of_goods - service_cost as margin
    from persons
)

select
    brand,
    segment_code,
    currency,
    count(*) as customers,
    sum(sales) as sales,
    sum(uncosted_sales) as uncosted_sales,
    sum(contacts) as contacts,
    sum(uncosted_contacts) as uncosted_contacts,
    sum(net_sales) as net_sales,
    sum(net_sales * net_sales) as net_sales_squares,
    case when sum(costs_known) > 0 then sum(service_cost) end as service_cost,
    case when sum(costs_known) > 0 then sum(service_cost * service_cost) end as service_cost_squares,
    case when sum(costs_known) > 0 and sum(uncosted_sales) = 0 then sum(margin) end as margin,
    case when sum(costs_known) > 0 and sum(uncosted_sales) = 0 then sum(margin * margin) end as margin_squares,
    sum(service_cost * net_sales) as cost_sales_products
from left_over
group by brand, segment_code, currency
