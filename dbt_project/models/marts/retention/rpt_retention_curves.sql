{%- set measures = {
    'day': 'bought_on_day', 'bracket': 'bought_in_bracket', 'return': 'bought_by_day', 'rolling': 'bought_since_day',
} -%}
with

returns as (
    select * from {{ ref('int_customer_returns') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- as_of_date is a day that is not over: a customer's day is seen when it lies before
seen as (
    select
        returns.*,
        {{ month_start('returns.first_purchase_date') }} as cohort_month,
        {{ add_days('returns.first_purchase_date', 'returns.day_number') }} < horizons.as_of_date as is_seen
    from returns
    inner join horizons on returns.brand = horizons.brand
),

cohorts as (
    select
        brand,
        cohort_month,
        day_number,
        bracket_after,
        min(cohort_month) over (partition by brand) as first_month,
        count(*) as cohort_size,
        {%- for flag in measures.values() %}
        sum(case when is_seen then {{ flag }} end) as {{ flag }},
        {%- endfor %}
        sum(case when is_seen then 1 else 0 end) as customers
    from seen
    group by brand, cohort_month, day_number, bracket_after
),

measured as (
    {%- for measure, flag in measures.items() %}
    select
        cohorts.*,
        '{{ measure }}' as measure,
        {{ 'bracket_after + 1' if measure == 'bracket' else '1' if measure == 'return' else 'day_number' }} as from_day,
        {{ 'cast(null as integer)' if measure == 'rolling' else 'day_number' }} as to_day,
        {{ flag }} as returned
    from cohorts
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    brand,
    cohort_month,
    measure,
    day_number,
    from_day,
    to_day,
    {{ months_between('first_month', 'cohort_month') }} < {{ var('burn_in_months') }} as is_burn_in,
    cohort_size,
    customers,
    cohort_size - customers as customers_censored,
    returned,
    {{ ratio('returned', 'customers') }} as retention,
    {{ wilson_lower('returned', 'customers') }} as retention_lower,
    {{ wilson_upper('returned', 'customers') }} as retention_upper,
    {{ var('burn_in_months') }} as burn_in_months
from measured
