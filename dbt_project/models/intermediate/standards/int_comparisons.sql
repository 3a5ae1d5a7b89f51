{%- set days = var('comparison_window_weeks') * 7 -%}
{%- set effect = quotient('treated_sum', 'treated_units') ~ ' - ' ~ quotient('untreated_sum', 'untreated_units') -%}
{%- set enough = 'case when least(treated_units, untreated_units) > 0 then treated_units + untreated_units end' -%}
-- noqa: disable=LT02
with

starts as (
    select
        starts.comparison_key,
        starts.brand,
        starts.basis,
        max(starts.unit_type) as unit_type,
        count(*) as units_begun,
        count(case when {{ add_days('starts.began_on', days) }} >= horizons.as_of_date then 1 end) as units_open,
        max(starts.began_on) as last_began_on,
        max({{ add_days('starts.began_on', days) }}) < max(horizons.as_of_date) as is_window_closed
    from {{ ref('int_comparison_starts') }} as starts
    inner join {{ ref('int_brand_horizons') }} as horizons on starts.brand = horizons.brand
    group by starts.comparison_key, starts.brand, starts.basis
),

units as (
    select
        *,
        case when is_treated then 'treated' else 'untreated' end as standing,
        share_after - share_before as change
    from {{ ref('int_comparison_units') }}
),

groups as (
    select
        comparison_key,
        count(case when dates = 0 then 1 end) as units_left_out,
        {%- for standing in ['treated', 'untreated'] %}
        {%- set own = "case when standing = '" ~ standing ~ "' then " %}
        count({{ own }}change end) as {{ standing }}_units,
        sum({{ own }}days_before + days_after else 0 end) as {{ standing }}_days,
        {%- for part in ['days_before', 'attained_before', 'days_after', 'attained_after'] %}
        sum({{ own }}{{ part }} else 0 end) as {{ standing }}_{{ part }},
        {%- endfor %}
        avg({{ own }}share_before end) as {{ standing }}_before,
        avg({{ own }}share_after end) as {{ standing }}_after,
        sum({{ own }}change end) as {{ standing }}_sum,
        sum({{ own }}change * change end) as {{ standing }}_squares,
        sum({{ own }}variance end) as {{ standing }}_variance{{ ',' if not loop.last }}
        {%- endfor %}
    from units
    group by comparison_key
)

select
    starts.*,
    {%- for standing in ['treated', 'untreated'] %}
    coalesce(groups.{{ standing }}_units, 0) as {{ standing }}_units,
    cast(coalesce(groups.{{ standing }}_days, 0) as bigint) as {{ standing }}_days,
    {{ rounded('groups.' ~ standing ~ '_before') }} as {{ standing }}_before,
    {{ rounded('groups.' ~ standing ~ '_after') }} as {{ standing }}_after,
    {%- endfor %}
    {%- for part in ['days_before', 'attained_before', 'days_after', 'attained_after'] %}
    cast(coalesce(groups.treated_{{ part }}, 0) as bigint) as {{ part }},
    {%- endfor %}
    coalesce(groups.units_left_out, 0) as units_left_out,
    {{ estimate_with_interval('effect', effect, difference_in_differences_reach('treated', 'untreated'), enough) }},
    case
        when coalesce(groups.treated_units, 0) = 0 then 'not_measured'
        when groups.untreated_units = 0 then 'no_unit_unchanged'
        when groups.treated_units + groups.untreated_units < {{ var('min_cell') }} then 'too_few_units'
    end as uncompared_because
from starts
left join groups on starts.comparison_key = groups.comparison_key
