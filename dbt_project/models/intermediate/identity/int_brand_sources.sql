with

sources as (
    {{ build_sources() }}
),

counted as (
    select
        brand,
        min(case when kind = 'pos' then source end) as pos_source,
        min(case when kind = 'crm' then source end) as crm_source,
        min(case when kind = 'call_center' then source end) as call_center_source,
        count(case when kind = 'pos' then 1 end) as pos_count,
        count(case when kind = 'crm' then 1 end) as crm_count,
        count(case when kind = 'call_center' then 1 end) as call_center_count
    from sources
    group by brand
)

-- a bare id points into another kind only where that kind has one source: otherwise nobody can say which
select
    brand,
    case when pos_count = 1 then pos_source end as pos_source,
    case when crm_count = 1 then crm_source end as crm_source,
    case when call_center_count = 1 then call_center_source end as call_center_source
from counted
