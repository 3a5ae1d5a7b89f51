{%- set listening = 'managed.management_expectation - customers.expectation' -%}
with

customers as (
    select
        *,
        {{ enough(quotient('expectation_sum', 'answers'), 'answers') }} as expectation,
        {{ mean_error('expectation_sum', 'expectation_square_sum', 'answers') }} as expectation_error,
        {{ enough(quotient('gap_sum', 'answers'), 'answers') }} as gap,
        {{ mean_error('gap_sum', 'gap_square_sum', 'answers') }} as gap_error,
        {{ enough(quotient('weighted_gap_sum', 'weighted_answers'), 'weighted_answers') }} as weighted_gap,
        {{ mean_error('weighted_gap_sum', 'weighted_gap_square_sum', 'weighted_answers') }} as weighted_gap_error
    from {{ ref('int_customer_gaps') }}
),

managed as (
    select * from {{ ref('int_management_expectations') }}
),

performed as (
    select
        brand,
        case when grouping(dimension) = 1 then 'all' else dimension end as dimension,
        cast(sum(days_judged) as bigint) as days_judged,
        cast(sum(days_attained) as bigint) as days_attained
    from {{ ref('rpt_standard_attainment') }}
    where is_current and unit_type = 'all' and period = 'all'
    group by brand, grouping sets ((dimension), ())
),

told as (
    select
        promises.brand,
        case when grouping(dimensions.dimension) = 1 then 'all' else dimensions.dimension end as dimension,
        cast(sum(promises.due) as bigint) as promises_due,
        cast(sum(promises.kept) as bigint) as promises_kept
    from {{ ref('rpt_promises') }} as promises
    inner join {{ ref('promise_dimensions') }} as dimensions
        on promises.promise_type = dimensions.promise_type
    where promises.made_by = 'all'
    group by promises.brand, grouping sets ((dimensions.dimension), ())
)

select
    customers.brand,
    customers.instrument,
    customers.dimension,
    cast(customers.answers as bigint) as answers,
    {{ rounded('customers.expectation') }} as expectation_mean,
    {{ ratio('customers.perception_sum', 'customers.answers') }} as perception_mean,
    {{ rounded('customers.gap') }} as customer_gap,
    {{ normal_lower('customers.gap', 'customers.gap_error') }} as customer_gap_lower,
    {{ normal_upper('customers.gap', 'customers.gap_error') }} as customer_gap_upper,
    cast(customers.weighted_answers as bigint) as weighted_answers,
    {{ rounded('customers.weighted_gap') }} as weighted_gap,
    {{ normal_lower('customers.weighted_gap', 'customers.weighted_gap_error') }} as weighted_gap_lower,
    {{ normal_upper('customers.weighted_gap', 'customers.weighted_gap_error') }} as weighted_gap_upper,
    {{ rounded('managed.management_expectation') }} as management_expectation,
    {{ rounded(listening) }} as listening_gap,
    {{ normal_lower(listening, 'customers.expectation_error') }} as listening_gap_lower,
    {{ normal_upper(listening, 'customers.expectation_error') }} as listening_gap_upper,
    managed.expectations_recorded,
    managed.expectations_covered,
    {{ rounded(quotient('managed.expectations_covered', 'managed.expectations_recorded')) }} as covered_share,
    performed.days_judged,
    performed.days_attained,
    {{ ratio('performed.days_attained', 'performed.days_judged') }} as attainment,
    {{ wilson_lower('performed.days_attained', 'performed.days_judged') }} as attainment_lower,
    {{ wilson_upper('performed.days_attained', 'performed.days_judged') }} as attainment_upper,
    told.promises_due,
    told.promises_kept,
    {{ ratio('told.promises_kept', 'told.promises_due') }} as promises_kept_share,
    {{ wilson_lower('told.promises_kept', 'told.promises_due') }} as promises_kept_share_lower,
    {{ wilson_upper('told.promises_kept', 'told.promises_due') }} as promises_kept_share_upper
from customers
left join managed
    on
        customers.brand = managed.brand
        and customers.dimension = managed.dimension
        and coalesce(customers.scale_min, managed.scale_min) = managed.scale_min
        and coalesce(customers.scale_max, managed.scale_max) = managed.scale_max
left join performed
    on
        customers.brand = performed.brand
        and customers.dimension = performed.dimension
left join told
    on
        customers.brand = told.brand
        and customers.dimension = told.dimension
where coalesce(customers.answers, managed.expectations_recorded, performed.days_judged, told.promises_due) is not null
