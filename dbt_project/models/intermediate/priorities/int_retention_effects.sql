{{ config(
    materialized='by_key',
    key='brand',
    changed_by=[{'model': 'int_customer_weeks'}, {'model': 'int_trouble_weeks'}, {'model': 'int_retention_strata'}],
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
    select * from {{ ref('int_retention_strata') }}
    where others > 0 {{ and_changed() }}
),

effects as (
    select
        brand,
        code,
        sum(touched) as touched,
        {{ quotient('sum(touched_retained)', 'sum(touched)') }} as retained_share,
        {{ quotient('sum(touched * others_share)', 'sum(touched)') }} as matched_share
    from strata
    group by brand, code
),

-- what each observation adds to the difference, to first order
influences as (
    select
        strata.brand,
        strata.code,
        weeks.customer_id,
        troubled.customer_id is not null as is_touched,
        case
            when troubled.customer_id is not null
                then weeks.is_retained - strata.others_share - (effects.retained_share - effects.matched_share)
            else {{ quotient('strata.touched', 'strata.others') }} * (strata.others_share - weeks.is_retained)
        end / effects.touched as influence
    from strata
    inner join effects
        on strata.brand = effects.brand and strata.code = effects.code
    inner join weeks
        on
            strata.brand = weeks.brand
            and strata.stratum = weeks.stratum
    left join troubled
        on
            strata.brand = troubled.brand
            and strata.code = troubled.code
            and strata.stratum = troubled.stratum
            and weeks.customer_id = troubled.customer_id
            and weeks.landmark_date = troubled.landmark_date
),

persons as (
    select
        brand,
        code,
        customer_id,
        max(cast(is_touched as integer)) as is_touched,
        max(cast(not is_touched as integer)) as is_other,
        sum(influence) as influence
    from influences
    group by brand, code, customer_id
),

errors as (
    select
        brand,
        code,
        sum(is_touched) as touched_persons,
        sum(is_other) as other_persons,
        sqrt({{ quotient('count(*)', '(count(*) - 1)') }} * sum(influence * influence)) as standard_error
    from persons
    group by brand, code
)

select
    effects.brand,
    effects.code,
    effects.touched as touched_weeks,
    errors.touched_persons,
    errors.other_persons,
    effects.retained_share,
    effects.matched_share,
    effects.retained_share - effects.matched_share as difference,
    errors.standard_error
from effects
inner join errors
    on effects.brand = errors.brand and effects.code = errors.code
