{%- set hours = quotient('sum(visit_seconds)', '3600.0 * sum(executive_months)') -%}
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

visits as (
    select * from {{ ref('int_management_visits') }}
),

first_months as (
    select
        brand,
        min(period_month) as first_month
    from visits
    group by brand
),

-- every month from the first visit on, also one in which nobody went; a month that is not over says nothing of a month
months as (
    select distinct
        horizons.brand,
        dates.month_start as period_month
    from horizons
    inner join first_months on horizons.brand = first_months.brand
    inner join {{ ref('dim_dates') }} as dates
        on
            first_months.first_month <= dates.month_start
            and {{ month_start('horizons.as_of_date') }} > dates.month_start
),

-- an executive who served on any day of a month could have gone
executives as (
    select
        months.brand,
        months.period_month,
        count(distinct employees.employee_id) as executives
    from months
    inner join {{ ref('dim_employees') }} as employees
        on
            months.brand = employees.brand
            and employees.is_executive
            and months.period_month >= {{ month_start('employees.valid_from') }}
            and months.period_month < employees.valid_to
    group by months.brand, months.period_month
),

activities as (
    {% for activity in ['all', 'floor', 'listen', 'serve'] -%}
    select '{{ activity }}' as activity{{ ' union all' if not loop.last }}
    {% endfor %}
),

cells as (
    select
        months.brand,
        {{ month_text('months.period_month') }} as period,
        activities.activity,
        coalesce(max(executives.executives), 0) as executive_months,
        count(case when visits.is_executive then 1 end) as visits,
        count(case when not visits.is_executive then 1 end) as visits_of_others,
        coalesce(sum(case when visits.is_executive then visits.visit_seconds end), 0) as visit_seconds
    from months
    cross join activities
    left join executives on months.brand = executives.brand and months.period_month = executives.period_month
    left join visits
        on
            months.brand = visits.brand
            and months.period_month = visits.period_month
            and activities.activity in ('all', visits.activity)
    group by months.brand, months.period_month, activities.activity
)

select
    brand,
    case when grouping(period) = 1 then 'all' else period end as period,
    activity,
    cast(sum(executive_months) as bigint) as executive_months,
    cast(sum(visits) as bigint) as visits,
    cast(sum(visits_of_others) as bigint) as visits_of_others,
    cast(sum(visit_seconds) as bigint) as visit_seconds,
    {{ ratio('sum(visits)', 'sum(executive_months)') }} as visits_per_executive_month,
    {{ published(hours, 'sum(executive_months)') }} as hours_per_executive_month
from cells
group by grouping sets ((brand, period, activity), (brand, activity))
