{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_customer_purchase_days'}],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set days = var('retention_days') -%}
with

purchase_days as (
    select
        brand,
        customer_id,
        business_date,
        min(business_date) over (partition by brand, customer_id) as first_purchase_date
    from {{ ref('int_customer_purchase_days') }}
    {{ where_changed() }}
),

ages as (
    select
        brand,
        customer_id,
        first_purchase_date,
        {{ days_between('first_purchase_date', 'business_date') }} as age
    from purchase_days
),

-- day 0 is the first purchase itself: it is no return
milestones as (
    {%- for day in days %}
    select
        {{ day }} as day_number,
        {{ days[loop.index0 - 1] if not loop.first else 0 }} as bracket_after
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    ages.brand,
    ages.customer_id,
    ages.first_purchase_date,
    milestones.day_number,
    milestones.bracket_after,
    max(case when ages.age = milestones.day_number then 1 else 0 end) as bought_on_day,
    max(
        case when ages.age > milestones.bracket_after and ages.age <= milestones.day_number then 1 else 0 end
    ) as bought_in_bracket,
    max(case when ages.age > 0 and ages.age <= milestones.day_number then 1 else 0 end) as bought_by_day,
    max(case when ages.age >= milestones.day_number then 1 else 0 end) as bought_since_day
from ages
cross join milestones
group by ages.brand, ages.customer_id, ages.first_purchase_date, milestones.day_number, milestones.bracket_after
