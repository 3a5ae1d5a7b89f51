with

standards as (
    select * from {{ ref('stg_crm__service_standards') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

followed as (
    select
        standards.*,
        least(
            lead(standards.valid_from) over (
                partition by standards.source, standards.standard_code order by standards.valid_from
            ),
            standards.valid_to,
            cast('9999-12-31' as date)
        ) as ends_before
    from standards
)

-- a changed target begins a new row and ends the one before
select
    followed.standard_version_key,
    followed.brand,
    followed.source,
    followed.standard_code,
    followed.valid_from,
    followed.ends_before as valid_to,
    followed.dimension,
    followed.touchpoint_code,
    followed.channel,
    followed.segment_code,
    followed.metric_code,
    followed.aggregation,
    followed.operator,
    followed.target,
    followed.target_uom,
    followed.min_n,
    followed.service_level,
    followed.owner_employee_id,
    horizons.as_of_date >= followed.valid_from and horizons.as_of_date < followed.ends_before as is_current
from followed
inner join horizons
    on followed.brand = horizons.brand
