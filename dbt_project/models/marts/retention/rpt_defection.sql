{%- set reach = normal_quantile() ~ ' * errors.standard_error' -%}
{%- set observed = 'least(totals.matched_customers, totals.others)' -%}
with

strata as (
    select * from {{ ref('int_leaving_strata') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

totals as (
    select
        brand,
        trait,
        code,
        min(cut_date) as cut_date,
        sum(customers) as customers,
        sum(lapsed) as lapsed,
        sum(coalesce(lapsed_spend, 0)) as value_lost,
        sum(case when others > 0 then customers else 0 end) as matched_customers,
        sum(others) as others,
        {{ quotient('sum(case when others > 0 then lapsed end)', 'sum(case when others > 0 then customers end)') }} as own_share,
        {{ quotient('sum(customers * others_share)', 'sum(case when others > 0 then customers end)') }} as matched_share
    from strata
    group by brand, trait, code
),

-- each customer is one observation: to first order the variance of the difference follows from the strata's counts
variances as (
    select
        strata.brand,
        strata.trait,
        strata.code,
        (
            strata.lapsed * power(1 - strata.others_share - totals.own_share + totals.matched_share, 2)
            + (strata.customers - strata.lapsed) * power(strata.others_share + totals.own_share - totals.matched_share, 2)
            + power(strata.customers, 2) * strata.others_share * (1 - strata.others_share) / strata.others
        ) / power(totals.matched_customers, 2) as variance
    from strata
    inner join totals
        on
            strata.brand = totals.brand
            and strata.trait = totals.trait
            and strata.code = totals.code
    where strata.others > 0
),

errors as (
    select
        brand,
        trait,
        code,
        sqrt(sum(variance)) as standard_error
    from variances
    group by brand, trait, code
)

select
    totals.brand,
    totals.trait,
    totals.code,
    totals.cut_date,
    cast(totals.customers as bigint) as customers,
    cast(totals.lapsed as bigint) as lapsed,
    {{ ratio('totals.lapsed', 'totals.customers') }} as lapsed_share,
    {{ wilson_lower('totals.lapsed', 'totals.customers') }} as lapsed_share_lower,
    {{ wilson_upper('totals.lapsed', 'totals.customers') }} as lapsed_share_upper,
    cast(totals.matched_customers as bigint) as matched_customers,
    {{ published('totals.matched_share', observed) }} as matched_lapsed_share,
    {{ published('totals.own_share - totals.matched_share', observed) }} as lapsed_difference,
    {{ published('greatest(totals.own_share - totals.matched_share - ' ~ reach ~ ', -1)', observed) }} as lapsed_difference_lower,
    {{ published('least(totals.own_share - totals.matched_share + ' ~ reach ~ ', 1)', observed) }} as lapsed_difference_upper,
    cast(totals.value_lost as decimal(18, 2)) as value_lost,
    horizons.currency,
    {{ var('lapse_days') }} as lapse_days
from totals
inner join horizons
    on totals.brand = horizons.brand
left join errors
    on
        totals.brand = errors.brand
        and totals.trait = errors.trait
        and totals.code = errors.code
