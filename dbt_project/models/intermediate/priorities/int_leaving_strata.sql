{%- set since = add_minutes('horizons.as_of', var('lapse_days') * -2 * 24 * 60) -%}
with

customers as (
    select * from {{ ref('int_leaving_customers') }}
),

-- touchpoints other than a purchase in the lapse_days before the cut, the touches of that time alone being read: the cut is a
-- Sunday, up to six days before lapse_days ago, and days begin elsewhere at other instants
touchpoints as (
    select distinct
        customers.brand,
        customers.customer_id,
        coalesce(touches.touchpoint_code, 'untyped') as code,
        customers.stratum,
        customers.cut_date,
        customers.is_lapsed,
        customers.spend
    from {{ ref('int_brand_horizons') }} as horizons
    inner join {{ ref('fct_touchpoints') }} as touches
        on
            horizons.brand = touches.brand
            and {{ add_minutes(since, -10 * 24 * 60) }} <= touches.occurred_at
            and horizons.as_of >= touches.occurred_at
            and (touches.ref_type <> 'transaction' or touches.journey_stage <> 'during')
    inner join customers
        on
            touches.brand = customers.brand
            and touches.customer_id = customers.customer_id
            and touches.business_date <= customers.cut_date
            and touches.business_date > {{ add_days('customers.cut_date', '-' ~ var('lapse_days')) }}
),

traits as (
    {%- for relation, trait in [(ref('int_leaving_traits'), 'trait'), ('touchpoints', "'touchpoint'")] %}
    select
        brand,
        {{ trait }} as trait,
        code,
        stratum,
        cut_date,
        is_lapsed,
        spend
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

strata as (
    select
        brand,
        stratum,
        count(*) as customers,
        sum(is_lapsed) as lapsed
    from traits
    where trait = 'all'
    group by brand, stratum
),

bearers as (
    select
        brand,
        trait,
        code,
        stratum,
        min(cut_date) as cut_date,
        count(*) as customers,
        sum(is_lapsed) as lapsed,
        cast(sum(case when is_lapsed = 1 then spend end) as decimal(18, 2)) as lapsed_spend
    from traits
    group by brand, trait, code, stratum
)

select
    bearers.brand,
    bearers.trait,
    bearers.code,
    bearers.stratum,
    bearers.cut_date,
    bearers.customers,
    bearers.lapsed,
    bearers.lapsed_spend,
    strata.customers - bearers.customers as others,
    {{ quotient('(strata.lapsed - bearers.lapsed)', '(strata.customers - bearers.customers)') }} as others_share
from bearers
inner join strata
    on
        bearers.brand = strata.brand
        and bearers.stratum = strata.stratum
