{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[
        {'model': 'stg_crm__survey_responses'},
        {'model': 'int_survey_references'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__survey_responses', 'on': 'own_node'},
        {'model': 'int_touch_records', 'logged': 'ref_key', 'through': 'int_survey_references'},
    ],
    indexes=[{'columns': ['response_key']}, {'columns': ['customer_id']}],
) }}
with

surveys as (
    select * from {{ ref('stg_crm__survey_responses') }}
    {{ where_changed() }}
),

survey_references as (
    select * from {{ ref('int_survey_references') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

records as (
    select * from {{ ref('int_touch_records') }}
)

-- an answer without a contact belongs to the person of the touch it is about
select
    surveys.*,
    survey_references.location_key,
    survey_references.ref_type,
    survey_references.ref_key,
    coalesce(customer_nodes.customer_id, records.customer_id) as customer_id,
    records.journey_stage,
    records.issue_code
from surveys
inner join survey_references
    on surveys.response_key = survey_references.response_key
left join customer_nodes
    on
        surveys.brand = customer_nodes.brand
        and surveys.own_node = customer_nodes.node
left join records
    on
        survey_references.ref_type = records.ref_type
        and survey_references.ref_key = records.ref_key
