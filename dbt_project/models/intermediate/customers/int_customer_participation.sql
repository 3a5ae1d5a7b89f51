{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_surveys'},
        {'model': 'int_customer_suggestions'},
        {'due': ['sent_at', 'responded_at'], 'through': 'fct_surveys'},
        {'due': ['submitted_at'], 'through': 'int_customer_suggestions'},
        {'due': ['submitted_at'], 'through': 'int_customer_suggestions', 'after': var('suggestion_window_days') ~ ' days'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set window_end = add_minutes('suggestions.submitted_at', var('suggestion_window_days') * 1440) -%}
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

parts as (
    select
        surveys.brand,
        surveys.customer_id,
        1 as surveys_asked,
        case when surveys.responded_at <= horizons.as_of then 1 else 0 end as surveys_answered,
        0 as suggestions,
        0 as suggestions_judged,
        0 as suggestions_adopted
    from {{ ref('fct_surveys') }} as surveys
    inner join horizons on surveys.brand = horizons.brand
    where
        surveys.customer_id is not null
        and coalesce(surveys.sent_at, surveys.responded_at) <= horizons.as_of {{ and_changed('surveys.customer_id') }}
    union all
    select
        suggestions.brand,
        suggestions.customer_id,
        0 as surveys_asked,
        0 as surveys_answered,
        1 as suggestions,
        case when {{ window_end }} <= horizons.as_of then 1 else 0 end as suggestions_judged,
        case
            when {{ window_end }} <= horizons.as_of and suggestions.adopted_at <= {{ window_end }} then 1
            else 0
        end as suggestions_adopted
    from {{ ref('int_customer_suggestions') }} as suggestions
    inner join horizons on suggestions.brand = horizons.brand
    where suggestions.submitted_at <= horizons.as_of {{ and_changed('suggestions.customer_id') }}
)

select
    brand,
    customer_id,
    sum(surveys_asked) as surveys_asked,
    sum(surveys_answered) as surveys_answered,
    sum(suggestions) as suggestions,
    sum(suggestions_judged) as suggestions_judged,
    sum(suggestions_adopted) as suggestions_adopted
from parts
group by brand, customer_id
