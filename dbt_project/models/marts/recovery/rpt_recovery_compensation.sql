with

failures as (
    select * from {{ ref('int_failure_recoveries') }}
),

compensations as (
    select
        brand,
        {{ month_text('detected_date') }} as period,
        failure_type,
        coalesce(cast(severity as text), 'unknown') as severity,
        coalesce(currency, 'unknown') as currency,
        compensation_amount
    from failures
    where compensation_amount is not null
)

select
    brand,
    period,
    failure_type,
    severity,
    currency,
    count(*) as compensated,
    cast(sum(compensation_amount) as decimal(18, 2)) as compensation_amount,
    {{ ratio('sum(compensation_amount)', 'count(*)') }} as mean_compensation_amount
from compensations
group by brand, period, failure_type, severity, currency
