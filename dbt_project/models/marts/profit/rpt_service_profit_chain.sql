with

links as (
    select *
    from {{ source('estimates', 'profit_chain_links') }}
    where build_id = {{ build_id() }}
),

judged as (
    select
        *,
        case
            when observations = 0 then 'not_measured'
            when units < {{ var('min_cell') }} then 'too_few_units'
            when observations <= units + months then 'too_few_months'
            when standardised is null then 'nothing_varies'
        end as unestimated_because
    from links
)

select
    brand,
    link,
    from_measure,
    to_measure,
    lag_months,
    units,
    months,
    observations,
    {%- for name, column in [('coefficient', 'standardised'), ('coefficient_lower', 'lower'), ('coefficient_upper', 'upper')] %}
    {{ rounded('case when unestimated_because is null then ' ~ column ~ ' end') }} as {{ name }},
    {%- endfor %}
    case when unestimated_because is null then lower * upper > 0 end as is_clear,
    unestimated_because,
    {{ var('lapse_days') }} as lapse_days
from judged
