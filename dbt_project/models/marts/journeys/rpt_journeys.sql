with

stages as (
    select
        *,
        sum(passing_begun) over (partition by brand, journey_stage) > 0 as is_observed
    from {{ ref('int_journey_stages') }}
)

-- what no source ever shows is not known to be rare
select
    brand,
    period_month,
    journey_stage,
    is_observed,
    begun - episodes as open_episodes,
    episodes,
    {%- for part in ['passing', 'ended', 'broken'] %}
    case when is_observed then {{ part }} end as {{ part }},
    {%- endfor %}
    {%- for part in ['judged', 'went_on'] %}
    case when is_observed and journey_stage <> 'after' then {{ part }} end as {{ part }},
    {%- endfor %}
    {%- for share, part, whole in [
        ('passing_share', 'passing', 'episodes'), ('went_on_share', 'went_on', 'judged'), ('broken_share', 'broken', 'ended')
    ] %}
    case when is_observed then {{ ratio(part, whole) }} end as {{ share }},
    case when is_observed then {{ wilson_lower(part, whole) }} end as {{ share }}_lower,
    case when is_observed then {{ wilson_upper(part, whole) }} end as {{ share }}_upper,
    {%- endfor %}
    hours_to_next_median,
    {{ var('journey_window_days') }} as journey_window_days
from stages
