{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[{'model': 'stg_crm__survey_responses'}],
    indexes=[{'columns': ['response_key']}],
) }}
with

responses as (
    select * from {{ ref('stg_crm__survey_responses') }}
    where survey_type = 'employee' and employee_id is not null {{ and_changed() }}
)

select
    response_key,
    brand,
    employee_id,
    survey_version,
    sent_at,
    responded_at,
    business_date,
    score
from responses
