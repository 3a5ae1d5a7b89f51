with

improvements as (
    select
        *,
        max(cast(is_everywhere as integer)) over (partition by change_key) = 1 as is_change_everywhere
    from {{ ref('int_improvements') }}
    where standard_key is not null
)

-- a location that nobody can place is no reason to think that all units changed
select
    change_key as comparison_key,
    brand,
    'improvement' as basis,
    'unit' as measured_on,
    standard_key,
    case when not is_everywhere then 'location' end as unit_type,
    case when not is_everywhere then location_key end as unit_id,
    is_everywhere,
    min(changed_on) as before_until,
    min(changed_on) as began_on
from improvements
where is_everywhere or (location_key is not null and not is_change_everywhere)
group by change_key, brand, standard_key, is_everywhere, location_key
union all
-- presence is felt in all that a unit does: every standard counts
select
    brand || '/visits/' || unit_type as comparison_key,
    brand,
    'visit' as basis,
    'unit' as measured_on,
    cast(null as text) as standard_key,
    unit_type,
    unit_id,
    false as is_everywhere,
    min(visited_on) as before_until,
    min(visited_on) as began_on
from {{ ref('int_management_visits') }}
where is_executive and unit_type is not null
group by brand, unit_type, unit_id
union all
-- who is held up was chosen for these weeks, and their peers were not: what all of them fall or rise to after it is no effect
select
    comparison_key,
    brand,
    'recognition' as basis,
    'peers' as measured_on,
    standard_key,
    unit_type,
    unit_id,
    false as is_everywhere,
    {{ add_days('min(recognised_on)', '-' ~ var('recognition_weeks') * 7) }} as before_until,
    min(recognised_on) as began_on
from {{ ref('int_recognitions') }}
where unit_type is not null
group by comparison_key, brand, standard_key, unit_type, unit_id
