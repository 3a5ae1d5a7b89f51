{{ config(
    materialized='by_key',
    key='brand',
    changed_by=[{'model': 'int_customer_weeks'}, {'model': 'int_trouble_weeks'}],
    indexes=[{'columns': ['brand']}],
) }}
with

weeks as (
    select * from {{ ref('int_customer_weeks') }}
    {{ where_changed() }}
),

troubled as (
    select * from {{ ref('int_trouble_weeks') }}
    {{ where_changed() }}
),

strata as (
    select
        brand,
        stratum,
        count(*) as customers,
        sum(is_retained) as retained
    from weeks
    group by brand, stratum
),

touched as (
    select
        brand,
        code,
        stratum,
        count(*) as touched,
        sum(is_retained) as touched_retained
    from troubled
    group by brand, code, stratum
)

-- of those whom it met none is left out of the count; without anybody like them they are compared with nobody
select
    touched.brand,
    touched.code,
    touched.stratum,
    touched.touched,
    touched.touched_retained,
    strata.customers - touched.touched as others,
    strata.retained - touched.touched_retained as others_retained,
    {{ quotient('(strata.retained - touched.touched_retained)', '(strata.customers - touched.touched)') }} as others_share
from touched
inner join strata
    on
        touched.brand = strata.brand
        and touched.stratum = strata.stratum
