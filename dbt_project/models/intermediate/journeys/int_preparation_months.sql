{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_prepared_items'}, {'model': 'int_case_views'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

items as (
    select * from {{ ref('int_prepared_items') }}
    where is_due {{ and_changed() }}
),

views as (
    select * from {{ ref('int_case_views') }}
    {{ where_changed() }}
)

select
    brand,
    period_month,
    case when grouping(location_key) = 1 then 'all' else 'location' end as unit_type,
    case when grouping(location_key) = 1 then 'all' else location_key end as unit_id,
    case when grouping(kind) = 1 then 'all' else kind end as kind,
    count(*) as required,
    count(is_prepared) as judged,
    count(case when is_prepared then 1 end) as prepared,
    cast(null as bigint) as viewed_ever
from items
group by brand, period_month, grouping sets ((location_key, kind), (location_key), (kind), ())
union all
-- another thing than a list: kept out of its totals
select
    brand,
    period_month,
    case when grouping(unit_id) = 1 then 'all' else unit_type end as unit_type,
    case when grouping(unit_id) = 1 then 'all' else unit_id end as unit_id,
    'record_viewed' as kind,
    count(*) as required,
    count(*) as judged,
    count(case when is_viewed then 1 end) as prepared,
    count(case when has_view then 1 end) as viewed_ever
from views
group by brand, period_month, grouping sets ((unit_type, unit_id), ())
