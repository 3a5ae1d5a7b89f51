with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

rules as (
    select * from {{ ref('rpt_next_need') }}
    where horizon_days = {{ var('next_need_days') }} and confidence is not null
),

last_bought as (
    select
        brand,
        customer_id,
        antecedent as category,
        last_bought_at
    from {{ ref('int_customer_next_needs') }}
    where horizon_days = {{ var('next_need_days') }} and consequent is null and antecedent is not null
),

-- what has been bought since is no longer needed next
expected as (
    select
        bought.brand,
        bought.customer_id,
        bought.category as after_category,
        bought.last_bought_at as after_bought_at,
        {{ add_minutes('bought.last_bought_at', var('next_need_days') * 1440) }} as expected_until,
        rules.consequent as category,
        rules.confidence,
        rules.confidence_lower,
        rules.confidence_upper,
        rules.lift,
        rules.customers,
        horizons.as_of
    from last_bought as bought
    inner join horizons
        on bought.brand = horizons.brand
    inner join rules
        on bought.brand = rules.brand and bought.category = rules.antecedent
    left join last_bought as met
        on
            bought.brand = met.brand
            and bought.customer_id = met.customer_id
            and rules.consequent = met.category
            and bought.last_bought_at < met.last_bought_at
    where
        met.customer_id is null
        and {{ add_minutes('bought.last_bought_at', var('next_need_days') * 1440) }} > horizons.as_of
),

-- several purchases may point to one category: the one that points most surely is told
surest as (
    select
        expected.*,
        row_number() over (
            partition by expected.brand, expected.customer_id, expected.category
            order by expected.confidence desc, expected.lift desc, {{ byte_order('expected.after_category') }}
        ) as place_for_category
    from expected
),

ranked as (
    select
        surest.*,
        row_number() over (
            partition by surest.brand, surest.customer_id
            order by surest.confidence desc, surest.lift desc, {{ byte_order('surest.category') }}
        ) as need_rank
    from surest
    where surest.place_for_category = 1
)

select
    brand,
    customer_id,
    cast(need_rank as integer) as need_rank,
    category,
    after_category,
    after_bought_at,
    expected_until,
    confidence,
    confidence_lower,
    confidence_upper,
    lift,
    customers,
    {{ var('next_need_days') }} as horizon_days,
    as_of
from ranked
where need_rank <= {{ var('next_needs_kept') }}
