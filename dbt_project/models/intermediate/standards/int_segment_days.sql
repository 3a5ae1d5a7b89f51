{{ config(
    materialized='by_key',
    key='business_date',
    key_type='date',
    changed_by=[{'model': 'int_segment_measurements'}],
    indexes=[{'columns': ['business_date']}],
) }}
with

measurements as (
    select * from {{ ref('int_segment_measurements') }}
    where segment_code is not null {{ and_changed() }}
)

select
    brand,
    segment_code,
    figure,
    detail,
    channel,
    business_date,
    count(*) as judged,
    sum(kept) as kept
from measurements
group by brand, segment_code, figure, detail, channel, business_date
