with

standards as (
    select * from {{ ref('dim_service_standards') }}
),

catalogue as (
    select * from {{ ref('metric_catalogue') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
),

measured_days as (
    select * from {{ ref('int_measured_days') }}
),

-- a percentile does not add up from days, and a day knows no segments: such a standard has no measured day
-- materialized: the few standards meet the many days once, not once for each brand
measurable as materialized (
    select
        standards.*,
        horizons.as_of_date,
        standards.source || '/' || standards.standard_code as standard_key,
        catalogue.figure,
        catalogue.detail,
        standards.aggregation = 'mean' as is_mean,
        coalesce(channel_map.channel, standards.channel) as conformed_channel,
        case when standards.target_uom = 'percent' then standards.target / 100 else standards.target end as target_value
    from standards
    inner join catalogue
        on standards.metric_code = catalogue.metric_code
    inner join {{ ref('int_brand_horizons') }} as horizons
        on standards.brand = horizons.brand
    left join channel_map
        on standards.channel = channel_map.code and channel_map.kind = 'crm'
    where standards.aggregation in ('share_within', 'mean') and standards.segment_code is null
),

-- a day that is not over would be judged by its morning; promises and observations know no channel
days as (
    select
        measurable.*,
        measured_days.unit_type,
        measured_days.unit_id,
        measured_days.business_date,
        case when measurable.is_mean then measured_days.scored else measured_days.judged end as day_n,
        case when measurable.is_mean then measured_days.score_sum else measured_days.kept end as day_total
    from measurable
    inner join measured_days
        on
            measurable.brand = measured_days.brand
            and measurable.figure = measured_days.figure
            and (measurable.detail = '*' or measurable.detail = measured_days.detail)
            and measurable.valid_from <= measured_days.business_date
            and least(measurable.valid_to, measurable.as_of_date) > measured_days.business_date
    where
        measurable.conformed_channel is null
        or measurable.figure in ('promises', 'observations')
        or measurable.conformed_channel = measured_days.channel
),

summed as (
    select
        standard_version_key,
        standard_key,
        unit_type,
        unit_id,
        business_date,
        operator,
        min_n,
        sum(day_n) as n,
        sum(day_total) as total,
        sum(day_n) * target_value as total_at_target
    from days
    group by
        standard_version_key, standard_key, unit_type, unit_id, business_date, operator, min_n, target_value
)

-- the total against target × n: no quotient, no rounding at the edge
select
    standard_version_key,
    standard_key,
    unit_type,
    unit_id,
    business_date,
    cast(n as bigint) as n,
    cast(total as decimal(18, 4)) as total,
    case
        when n < min_n then null
        when operator = '>=' then total >= total_at_target
        when operator = '>' then total > total_at_target
        when operator = '<=' then total <= total_at_target
        when operator = '<' then total < total_at_target
    end as is_attained
from summed
where n > 0
