with

employees as (
    select * from {{ ref('stg_pos__employees') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

followed as (
    select
        employees.*,
        lead(employees.valid_from) over (
            partition by employees.source, employees.employee_id order by employees.valid_from
        ) as next_valid_from
    from employees
)

-- a state lasts until the next one begins or the employee leaves
select
    followed.employee_version_key,
    followed.brand,
    followed.source,
    followed.employee_id,
    followed.valid_from,
    least(followed.next_valid_from, followed.left_on, cast('9999-12-31' as date)) as valid_to,
    followed.role,
    case when followed.location_id is not null then followed.source || '/' || followed.location_id end as location_key,
    followed.hired_on,
    followed.left_on,
    followed.empowerment_limit,
    followed.currency,
    followed.is_executive,
    horizons.as_of_date >= followed.valid_from
    and horizons.as_of_date < least(followed.next_valid_from, followed.left_on, cast('9999-12-31' as date)) as is_current
from followed
inner join horizons
    on followed.brand = horizons.brand
