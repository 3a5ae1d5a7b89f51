{{ config(materialized='view') }}
-- no `with`: Postgres looks up single keys through a view only if it can take the view apart
select
    touch_key,
    brand,
    customer_id,
    issue_code,
    channel,
    occurred_at,
    ended_at,
    business_date,
    call_key,
    as_of
from {{ ref('int_inbound_contacts') }}
where
    customer_id is not null
    and issue_code is not null
