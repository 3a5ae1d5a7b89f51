with

failures as (
    select * from {{ ref('int_failure_recoveries') }}
)

select
    brand,
    substr(cast({{ month_start('detected_date') }} as {{ dbt.type_string() }}), 1, 7) as period,
    failure_type,
    coalesce(cast(severity as {{ dbt.type_string() }}), 'unknown') as severity,
    coalesce(currency, 'unknown') as currency,
    count(*) as compensated,
    cast(sum(compensation_amount) as decimal(18, 2)) as compensation_amount,
    {{ ratio('sum(compensation_amount)', 'count(*)') }} as mean_compensation_amount
from failures
where compensation_amount is not null
group by 1, 2, 3, 4, 5
