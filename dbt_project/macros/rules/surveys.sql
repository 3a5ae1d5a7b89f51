{# A score as a share of its scale, 0 worst and 1 best; for display and thresholds, never for mixing instruments. #}
{% macro score_share(score, scale_min, scale_max, higher_is_better) -%}
    cast(round(cast(
        case
            when {{ higher_is_better }} then ({{ score }} - {{ scale_min }}) / nullif({{ scale_max }} - {{ scale_min }}, 0)
            else ({{ scale_max }} - {{ score }}) / nullif({{ scale_max }} - {{ scale_min }}, 0)
        end as decimal(28, 9)
    ), 4) as decimal(18, 4))
{%- endmacro %}

{#
    Answers of int_survey_counts rows (relation `counts`) by instrument version, period, channel and segment, `all` being totals.
    Channel and segment are cut one at a time, for together they leave a handful. `measures`: name → sum over the rows.
#}
{% macro survey_cells(counts, measures) -%}
    select
        brand,
        survey_version,
        {%- for cut in ['period', 'channel', 'segment_code'] %}
        case when grouping({{ cut }}) = 1 then 'all' else {{ cut }} end as {{ cut }},
        {%- endfor %}
        cast(sum(n) as bigint) as surveys,
        {{ answers('score is not null') }} as responses
        {%- for name, measure in measures.items() %},
        {{ measure }} as {{ name }}
        {%- endfor %}
    from {{ counts }}
    group by
        brand, survey_version,
        grouping sets ((period, channel), (period, segment_code), (period), (channel), (segment_code), ())
{%- endmacro %}

{# How many answers of int_survey_counts rows fulfil a condition. #}
{% macro answers(condition) -%}
    cast(sum(case when {{ condition }} then n else 0 end) as bigint)
{%- endmacro %}

{# Bands of a score's share of its scale in which like is held against like. #}
{% macro score_band(score_share) -%}
    case
        when {{ score_share }} is null then 'none'
        when {{ score_share }} = 1 then 'top'
        when {{ score_share }} >= {{ var('satisfied_share') }} then 'satisfied'
        when {{ score_share }} > {{ var('low_score_share') }} then 'middle'
        else 'low'
    end
{%- endmacro %}
