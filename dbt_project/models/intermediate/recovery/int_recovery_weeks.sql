{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_scored_weeks'},
        {'model': 'int_customer_mishaps'},
        {'model': 'fct_surveys', 'logged': 'customer_id'},
        {'due': ['responded_at'], 'through': 'fct_surveys'},
    ],
    logs=['brand'],
    indexes=[{'columns': ['customer_id']}],
) }}
with

weeks as (
    select * from {{ ref('int_scored_weeks') }}
    {{ where_changed() }}
),

mishaps as (
    select * from {{ ref('int_customer_mishaps') }}
    {{ where_changed() }}
),

-- what met the person in the week, how it stood at the week's end, and what met them next
met as (
    select
        weeks.brand,
        weeks.customer_id,
        weeks.landmark_date,
        count(case when mishaps.detected_date <= weeks.week_end_date then 1 end) as mishaps,
        count(case
            when mishaps.detected_date <= weeks.week_end_date and mishaps.completed_date <= weeks.week_end_date then 1
        end) as completed,
        max(case when mishaps.detected_date <= weeks.week_end_date and mishaps.is_rejected then 1 else 0 end) as is_rejected,
        max(case when mishaps.detected_date <= weeks.week_end_date then mishaps.severity end) as severity,
        min(case when mishaps.detected_date > weeks.week_end_date then mishaps.detected_date end) as next_date
    from weeks
    inner join mishaps
        on
            weeks.brand = mishaps.brand
            and weeks.customer_id = mishaps.customer_id
            and weeks.landmark_date < mishaps.detected_date
    where weeks.is_latest
    group by weeks.brand, weeks.customer_id, weeks.landmark_date
),

answers as (
    select
        surveys.brand,
        surveys.customer_id,
        surveys.survey_version,
        surveys.response_key,
        surveys.responded_at,
        surveys.business_date,
        surveys.score_share
    from {{ ref('fct_surveys') }} as surveys
    inner join {{ ref('int_brand_horizons') }} as horizons
        on surveys.brand = horizons.brand and surveys.responded_at <= horizons.as_of
    where
        surveys.survey_type = 'csat' and surveys.score_share is not null
        and surveys.customer_id is not null {{ and_changed('surveys.customer_id') }}
)

select
    weeks.brand,
    weeks.customer_id,
    weeks.landmark_date,
    weeks.stratum || '/' || {{ score_band('weeks.score_share') }} as stratum,
    case
        when coalesce(met.mishaps, 0) = 0 then 'none'
        when met.completed < met.mishaps then 'unrecovered'
        when met.is_rejected = 1 then 'rejected'
        else 'recovered'
    end as standing,
    case when met.mishaps > 0 then coalesce(cast(met.severity as text), 'unknown') end as severity,
    weeks.is_retained,
    weeks.survey_version,
    weeks.is_latest,
    {{ first_known('answers.score_share', 'answers.responded_at, ' ~ byte_order('answers.response_key')) }} as later_score
from weeks
left join met
    on weeks.brand = met.brand and weeks.customer_id = met.customer_id and weeks.landmark_date = met.landmark_date
left join answers
    on
        weeks.brand = answers.brand and weeks.customer_id = answers.customer_id
        and weeks.survey_version = answers.survey_version
        and weeks.week_end_date < answers.business_date
        and {{ add_days('weeks.week_end_date', var('recovery_window_days')) }} >= answers.business_date
        -- an answer after a further mishap tells of that one
        and coalesce(met.next_date >= answers.business_date, true)
group by
    weeks.brand, weeks.customer_id, weeks.landmark_date, weeks.stratum, weeks.is_retained, weeks.score_share,
    weeks.survey_version, weeks.is_latest, met.mishaps, met.completed, met.is_rejected, met.severity
