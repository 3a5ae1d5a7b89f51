{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_customer_weeks'}, {'model': 'int_customer_troubles'}],
    logs=['brand'],
    indexes=[{'columns': ['customer_id']}],
) }}
with

weeks as (
    select * from {{ ref('int_customer_weeks') }}
    {{ where_changed() }}
),

troubles as (
    select * from {{ ref('int_customer_troubles') }}
    {{ where_changed() }}
)

-- whom what met in the week after the landmark, and was not mended by its end
select distinct
    weeks.brand,
    weeks.customer_id,
    weeks.landmark_date,
    weeks.stratum,
    weeks.is_retained,
    troubles.code
from weeks
inner join troubles
    on
        weeks.brand = troubles.brand
        and weeks.customer_id = troubles.customer_id
        and weeks.landmark_date < troubles.began_on
        and weeks.week_end_date >= troubles.began_on
        and coalesce(cast(troubles.mended_at as date) > weeks.week_end_date, true)
