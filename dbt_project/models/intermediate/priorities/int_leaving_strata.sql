{{ config(
    materialized='by_key',
    key='brand',
    changed_by=[{'model': 'int_leaving_traits'}],
    indexes=[{'columns': ['brand']}],
) }}
with

traits as (
    select * from {{ ref('int_leaving_traits') }}
    {{ where_changed() }}
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
