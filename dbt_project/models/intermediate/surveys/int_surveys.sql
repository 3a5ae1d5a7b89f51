with

surveys as (
    select * from {{ ref('stg_crm__survey_responses') }}
),

survey_references as (
    select * from {{ ref('int_survey_references') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

records as (
    select * from {{ ref('int_touch_records') }}
),

touchpoint_types as (
    select * from {{ ref('int_touchpoint_types') }}
)

-- an answer without a contact belongs to the person of the touch it is about
select
    surveys.*,
    survey_references.location_key,
    survey_references.ref_type,
    survey_references.ref_key,
    coalesce(customer_nodes.customer_id, records.customer_id) as customer_id,
    coalesce(records.issue_stage, touchpoint_types.journey_stage) as journey_stage
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
left join touchpoint_types
    on
        records.ref_type = touchpoint_types.ref_type
        and records.channel = touchpoint_types.channel
        and records.direction = touchpoint_types.direction
        and records.kind = touchpoint_types.kind
