{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[
        {'model': 'int_surveys'},
        {'model': 'int_segment_periods', 'logged': 'customer_id', 'through': 'int_surveys'},
    ],
    logs=['customer_id', 'business_date', 'ref_key'],
    sparse_indexes=['ref_key'],
    indexes=[{'columns': ['response_key']}, {'columns': ['customer_id']}, {'columns': ['responded_at']}, {'columns': ['sent_at']}, {'columns': ['business_date']}],
) }}
with

surveys as (
    select * from {{ ref('int_surveys') }}
    {{ where_changed() }}
),

segment_periods as (
    select * from {{ ref('int_segment_periods') }}
),

segments as (
    select
        surveys.response_key,
        {{ first_known(
            'segment_periods.segment_code',
            'segment_periods.valid_from desc, ' ~ byte_order('segment_periods.segment_code') ~ ' asc'
        ) }} as segment_code
    from surveys
    inner join segment_periods
        on
            surveys.brand = segment_periods.brand
            and surveys.customer_id = segment_periods.customer_id
            and surveys.business_date >= segment_periods.valid_from
            and surveys.business_date < segment_periods.valid_to
    group by surveys.response_key
)

select
    surveys.response_key,
    surveys.brand,
    surveys.source,
    surveys.customer_id,
    surveys.survey_type,
    surveys.survey_version,
    surveys.sent_at,
    surveys.responded_at,
    surveys.responded_at is not null as is_responded,
    surveys.business_date,
    surveys.survey_channel,
    surveys.service_channel,
    surveys.journey_stage,
    segments.segment_code,
    surveys.touchpoint_ref_type,
    surveys.touchpoint_ref_id,
    surveys.ref_type,
    surveys.ref_key,
    surveys.issue_code,
    surveys.location_key,
    surveys.queue_id,
    surveys.score,
    surveys.scale_min,
    surveys.scale_max,
    surveys.higher_is_better,
    surveys.score_share
from surveys
left join segments
    on surveys.response_key = segments.response_key
