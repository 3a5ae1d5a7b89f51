with

standards as (
    select * from {{ ref('dim_service_standards') }}
),

catalogue as (
    select * from {{ ref('metric_catalogue') }}
),

observed_days as (
    select * from {{ ref('int_measured_days') }}
    where figure = 'observations'
),

days as (
    select
        *,
        sum(case when not is_attained then 1 else 0 end) over (
            partition by standard_key, unit_type, unit_id order by business_date
        ) as breaks
    from {{ ref('int_standard_days') }}
),

-- the days since the last one missed; a day nobody could judge neither breaks a run nor prolongs it
runs as (
    select
        *,
        sum(case when is_attained then 1 else 0 end) over (
            partition by standard_key, unit_type, unit_id, breaks order by business_date
        ) as days_kept_since
    from days
)

select
    standards.brand,
    standards.source,
    standards.standard_code,
    runs.standard_version_key,
    runs.unit_type,
    runs.unit_id,
    runs.business_date,
    standards.operator,
    standards.target,
    standards.min_n,
    runs.n,
    runs.total,
    {{ ratio('runs.total', 'runs.n') }} as figure,
    runs.is_attained,
    case when runs.is_attained is not null then runs.days_kept_since end as run_days,
    case when catalogue.watched_item is not null then coalesce(observed_days.judged, 0) end as observed,
    case when catalogue.watched_item is not null then coalesce(observed_days.kept, 0) end as observed_kept
from runs
inner join standards
    on runs.standard_version_key = standards.standard_version_key
inner join catalogue
    on standards.metric_code = catalogue.metric_code
left join observed_days
    on
        standards.brand = observed_days.brand
        and catalogue.watched_item = observed_days.detail
        and runs.unit_type = observed_days.unit_type
        and runs.unit_id = observed_days.unit_id
        and runs.business_date = observed_days.business_date
