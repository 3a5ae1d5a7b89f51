with

open_promises as (
    select * from {{ ref('fct_promises') }}
    where promise_state = 'open'
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
)

select
    open_promises.promise_key,
    open_promises.brand,
    open_promises.customer_id,
    open_promises.promise_type,
    open_promises.made_by,
    open_promises.owner_employee_id,
    open_promises.ref_type,
    open_promises.ref_key,
    open_promises.made_at,
    open_promises.due_at,
    open_promises.is_due as is_overdue,
    case
        when open_promises.is_due then {{ seconds_between('open_promises.due_at', 'horizons.as_of') }}
    end as overdue_seconds,
    row_number() over (
        partition by open_promises.brand
        order by open_promises.due_at, {{ byte_order('open_promises.promise_key') }}
    ) as worst_rank,
    horizons.as_of
from open_promises
inner join horizons
    on open_promises.brand = horizons.brand
