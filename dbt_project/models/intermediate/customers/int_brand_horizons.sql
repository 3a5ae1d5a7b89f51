with

brands as (
    {{ build_brands() }}
),

sources as (
    {{ build_sources() }}
),

zone_dates as (
    select
        brands.brand,
        {{ brand_date('brands.as_of') }} as as_of_date
    from brands
    inner join sources on brands.brand = sources.brand
    group by brands.brand
),

currency_counts as (
    select
        brand,
        currency,
        sum(case when kind = 'pos' then 1 else 0 end) as pos_sources,
        count(*) as source_count
    from sources
    where currency is not null
    group by brand, currency
),

currencies as (
    select
        brand,
        currency,
        row_number() over (
            partition by brand order by pos_sources desc, source_count desc, currency asc
        ) as preference
    from currency_counts
)

select
    brands.brand,
    brands.as_of,
    zone_dates.as_of_date,
    currencies.currency
from brands
inner join zone_dates on brands.brand = zone_dates.brand
left join currencies on brands.brand = currencies.brand and currencies.preference = 1
