{{ config(tags=['model']) }}
-- joining people, segments and touched records to surveys and recoveries neither drops nor doubles a row
with

counts as (
    select
        (select count(*) from {{ ref('stg_crm__survey_responses') }}) as staged_surveys,
        (select count(*) from {{ ref('fct_surveys') }}) as surveys,
        (select count(*) from {{ ref('stg_crm__recoveries') }}) as staged_recoveries,
        (select count(*) from {{ ref('fct_recoveries') }}) as recoveries
)

select *
from counts
where staged_surveys <> surveys or staged_recoveries <> recoveries
