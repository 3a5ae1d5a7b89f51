with

standards as (
    select
        standards.*,
        catalogue.figure,
        catalogue.detail,
        coalesce(channel_map.channel, standards.channel) as conformed_channel,
        case when standards.target_uom = 'percent' then standards.target / 100 else standards.target end as target_share
    from {{ ref('dim_service_standards') }} as standards
    left join {{ ref('metric_catalogue') }} as catalogue
        on standards.metric_code = catalogue.metric_code
    left join {{ ref('channel_map') }} as channel_map
        on standards.channel = channel_map.code and channel_map.kind = 'crm'
    where standards.segment_code is not null
),

delivered as (
    select
        standards.standard_version_key,
        sum(days.judged) as judged,
        sum(days.kept) as kept
    from standards
    inner join {{ ref('int_brand_horizons') }} as horizons
        on standards.brand = horizons.brand
    inner join {{ ref('int_segment_days') }} as days
        on
            standards.brand = days.brand
            and standards.segment_code = days.segment_code
            and standards.figure = days.figure
            and (standards.detail = '*' or standards.detail = days.detail)
            and standards.valid_from <= days.business_date
            and least(standards.valid_to, horizons.as_of_date) > days.business_date
    where
        standards.aggregation = 'share_within'
        and (standards.conformed_channel is null or days.figure = 'promises' or standards.conformed_channel = days.channel)
    group by standards.standard_version_key
),

compared as (
    select
        standards.*,
        cast(coalesce(delivered.judged, 0) as bigint) as judged,
        cast(delivered.kept as bigint) as kept,
        {{ share_with_interval('delivered_share', 'delivered.kept', 'delivered.judged') }}
    from standards
    left join delivered
        on standards.standard_version_key = delivered.standard_version_key
)

select
    standard_version_key,
    brand,
    segment_code,
    standard_code,
    valid_from,
    valid_to,
    is_current,
    dimension,
    touchpoint_code,
    service_level,
    owner_employee_id,
    metric_code,
    aggregation,
    operator,
    target,
    target_uom,
    judged,
    kept,
    delivered_share,
    delivered_share_lower,
    delivered_share_upper,
    case
        when delivered_share is null or operator not in ('>=', '>') then 'unknown'
        when delivered_share_upper < target_share then 'under'
        when delivered_share_lower > target_share then 'over'
        else 'as_written'
    end as service,
    case
        when metric_code is null or figure is null then 'metric_unknown'
        when aggregation <> 'share_within' or operator not in ('>=', '>') then 'no_share_to_reach'
        when figure = 'observations' then 'customer_not_observed'
        when judged = 0 then 'no_measurement'
        when delivered_share is null then 'too_few'
    end as unjudged_because
from compared
