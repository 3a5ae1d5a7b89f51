with

expectations as (
    select * from {{ ref('stg_crm__management_expectations') }}
),

standards as (
    select * from {{ ref('dim_service_standards') }}
    where is_current
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

latest as (
    select
        expectations.*,
        row_number() over (
            partition by expectations.brand, expectations.dimension, expectations.segment_code
            order by expectations.recorded_on desc, {{ byte_order('expectations.source') }}
        ) as recency
    from expectations
    inner join horizons
        on expectations.brand = horizons.brand
    where expectations.recorded_on <= horizons.as_of_date
),

-- an expectation is covered by a standard for its segment, or by one for all
covered as (
    select
        latest.brand,
        latest.dimension,
        latest.segment_code,
        latest.expected_score,
        latest.scale_min,
        latest.scale_max,
        count(standards.standard_version_key) > 0 as is_covered
    from latest
    left join standards
        on
            latest.brand = standards.brand
            and latest.dimension = standards.dimension
            and latest.segment_code = coalesce(standards.segment_code, latest.segment_code)
    where latest.recency = 1
    group by
        latest.brand, latest.dimension, latest.segment_code, latest.expected_score, latest.scale_min, latest.scale_max
)

select
    brand,
    scale_min,
    scale_max,
    case when grouping(dimension) = 1 then 'all' else dimension end as dimension,
    count(*) as expectations_recorded,
    sum(case when is_covered then 1 else 0 end) as expectations_covered,
    avg(expected_score) as management_expectation
from covered
group by brand, scale_min, scale_max, grouping sets ((dimension), ())
