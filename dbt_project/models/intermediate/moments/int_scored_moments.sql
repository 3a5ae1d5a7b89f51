{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_surveys'},
        {'model': 'fct_touchpoints'},
        {'model': 'fct_calls'},
        {'due': ['responded_at'], 'through': 'fct_surveys'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set instrument = 'episode_key, survey_type, survey_version' -%}
with

surveys as (
    select * from {{ ref('fct_surveys') }}
    where customer_id is not null and score is not null and ref_key is not null {{ and_changed() }}
),

touches as (
    select * from {{ ref('fct_touchpoints') }}
    where episode_key is not null {{ and_changed() }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- an answer belongs to the touch it is about; a call that opened a case, to the touch of that case
placed as (
    select
        surveys.*,
        touches.touch_key,
        touches.episode_key,
        touches.occurred_at,
        touches.business_date as touch_date,
        row_number() over (
            partition by surveys.response_key
            order by
                case when touches.ref_key = surveys.ref_key then 0 else 1 end,
                touches.occurred_at,
                {{ byte_order('touches.touch_key') }}
        ) as preference
    from surveys
    inner join horizons
        on surveys.brand = horizons.brand and surveys.responded_at <= horizons.as_of
    left join calls
        on surveys.ref_type = 'call' and surveys.ref_key = calls.call_key
    inner join touches
        on
            surveys.brand = touches.brand
            and surveys.customer_id = touches.customer_id
            and (
                (surveys.ref_type = touches.ref_type and surveys.ref_key = touches.ref_key)
                or touches.case_key = coalesce(calls.case_key, case when surveys.ref_type = 'case' then surveys.ref_key end)
                or touches.transaction_key = case when surveys.ref_type = 'transaction' then surveys.ref_key end
            )
    where surveys.survey_type in ('csat', 'nps', 'ces')
),

-- good is up here whatever the scale
numbered as (
    select
        *,
        row_number() over (
            partition by {{ instrument }} order by occurred_at, responded_at, {{ byte_order('response_key') }}
        ) as moment_number,
        count(*) over (partition by {{ instrument }}) as moments,
        cast(case when higher_is_better then score else scale_min + scale_max - score end as decimal(9, 4)) as goodness,
        (scale_min + scale_max) / 2 as neutral
    from placed
    where preference = 1
)

-- extreme is farthest from neutral before the end, of two as far the worse
select
    response_key,
    touch_key,
    {{ instrument }},
    brand,
    customer_id,
    touch_date,
    moment_number,
    goodness,
    goodness > neutral as is_good,
    score_share >= {{ var('satisfied_share') }} as is_satisfied,
    moment_number = moments as is_end,
    moment_number < moments and row_number() over (
        partition by {{ instrument }}
        order by
            case when moment_number < moments then 0 else 1 end asc,
            abs(goodness - neutral) desc,
            goodness asc,
            moment_number asc
    ) = 1 as is_extreme
from numbered
