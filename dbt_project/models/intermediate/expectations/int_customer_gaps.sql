with

counts as (
    select * from {{ ref('int_expectation_counts') }}
    where item_code = 'all'
),

answered as (
    select
        brand,
        survey_type || '/' || survey_version as instrument,
        dimension,
        max(scale_min) as scale_min,
        max(scale_max) as scale_max,
        sum(n) as answers,
        sum(n * expectation) as expectation_sum,
        sum(n * expectation * expectation) as expectation_square_sum,
        sum(n * perception) as perception_sum,
        sum(n * (perception - expectation)) as gap_sum,
        sum(n * (perception - expectation) * (perception - expectation)) as gap_square_sum,
        sum(case when weighted_gap is not null then n else 0 end) as weighted_answers,
        sum(n * weighted_gap) as weighted_gap_sum,
        sum(n * weighted_gap * weighted_gap) as weighted_gap_square_sum
    from counts
    group by brand, survey_type, survey_version, dimension
),

dimensions as (
    {%- for dimension in ['tangibles', 'reliability', 'responsiveness', 'assurance', 'empathy', 'all'] %}
    select '{{ dimension }}' as dimension
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- a brand that asked nobody still has standards and promises
brand_dimensions as (
    select
        horizons.brand,
        dimensions.dimension
    from {{ ref('int_brand_horizons') }} as horizons
    cross join dimensions
)

select
    brand_dimensions.brand,
    brand_dimensions.dimension,
    coalesce(answered.instrument, 'none') as instrument,
    answered.scale_min,
    answered.scale_max,
    answered.answers,
    answered.expectation_sum,
    answered.expectation_square_sum,
    answered.perception_sum,
    answered.gap_sum,
    answered.gap_square_sum,
    answered.weighted_answers,
    answered.weighted_gap_sum,
    answered.weighted_gap_square_sum
from brand_dimensions
left join answered
    on
        brand_dimensions.brand = answered.brand
        and brand_dimensions.dimension = answered.dimension
