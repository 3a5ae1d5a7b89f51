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
        surveys.customer_id is not null
        and surveys.survey_type in ('csat', 'nps')
        and surveys.score is not null
        and surveys.responded_at <= horizons.as_of
)

select
    brand,
    customer_id,
    {% for survey_type in ['csat', 'nps'] -%}
    cast(max(case when survey_type = '{{ survey_type }}' then score end) as decimal(9, 4)) as last_{{ survey_type }}_score,
    max(case when survey_type = '{{ survey_type }}' then survey_version end) as last_{{ survey_type }}_version,
    max(case when survey_type = '{{ survey_type }}' then responded_at end) as last_{{ survey_type }}_at{{ ',' if not loop.last }}
    {% endfor %}
from ranked
where recency_rank = 1
group by brand, customer_id
