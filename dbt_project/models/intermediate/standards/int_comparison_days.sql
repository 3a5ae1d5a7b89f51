-- what a unit attains as a whole
select
    'unit' as measured_on,
    standards.brand,
    days.standard_key,
    days.unit_type,
    days.unit_id,
    days.business_date,
    count(days.is_attained) as judged,
    sum(case when days.is_attained then 1 else 0 end) as attained
from {{ ref('int_standard_days') }} as days
inner join {{ ref('dim_service_standards') }} as standards
    on days.standard_version_key = standards.standard_version_key
where days.is_attained is not null
group by standards.brand, days.standard_key, days.unit_type, days.unit_id, days.business_date
union all
-- what those attain who are not held up as an example: too few looks a day to judge the day, so the looks themselves
select
    'peers' as measured_on,
    brand,
    standard_key,
    unit_type,
    unit_id,
    business_date,
    cast(sum(judged) as bigint) as judged,
    cast(sum(attained) as bigint) as attained
from {{ ref('int_practice_days') }}
where not is_role_model
group by brand, standard_key, unit_type, unit_id, business_date
