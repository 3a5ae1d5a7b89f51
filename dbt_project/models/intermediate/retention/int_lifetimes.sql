{{ config(materialized='view') }}
with

lifetimes as (
    select * from {{ ref('int_membership_lifetimes') }}
    union all
    select * from {{ ref('int_purchase_lifetimes') }}
)

select
    brand,
    customer_id,
    basis,
    entry_segment_code,
    is_ended,
    greatest({{ whole_months_between('started_on', 'observed_until') }}, 0) as duration_months
from lifetimes
