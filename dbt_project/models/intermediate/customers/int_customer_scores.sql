{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_surveys'},
        {'due': ['responded_at'], 'through': 'fct_surveys'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

surveys as (
    select * from {{ ref('fct_surveys') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

ranked as (
    select
        surveys.*,
        row_number() over (
            partition by surveys.brand, surveys.customer_id, surveys.survey_type
            order by surveys.responded_at desc, {{ byte_order('surveys.response_key') }} desc
        ) as recency_rank
    from surveys
    inner join horizons on surveys.brand = horizons.brand
    where
        surveys.customer_id is not null {{ and_changed('surveys.customer_id') }}
        and surveys.survey_type in ('csat', 'nps')
        and surveys.score is not null
        and surveys.responded_at <= horizons.as_of
)

select
    brand,
    customer_id,
    cast(max(case when survey_type = 'csat' then score end) as decimal(9, 4)) as last_csat_score,
    max(case when survey_type = 'csat' then survey_version end) as last_csat_version,
    max(case when survey_type = 'csat' then responded_at end) as last_csat_at,
    cast(max(case when survey_type = 'csat' then score_share end) as decimal(18, 4)) as last_csat_share,
    cast(max(case when survey_type = 'nps' then score end) as decimal(9, 4)) as last_nps_score,
    max(case when survey_type = 'nps' then survey_version end) as last_nps_version,
    max(case when survey_type = 'nps' then responded_at end) as last_nps_at,
    -- the score of recommendation is defined on 0 to 10 alone
    max(
        case when score >= 9 then 1 when score <= 6 then -1 else 0 end
        * case when survey_type = 'nps' and scale_min = 0 and scale_max = 10 then 1 end
    ) as last_nps_standing
from ranked
where recency_rank = 1
group by brand, customer_id
