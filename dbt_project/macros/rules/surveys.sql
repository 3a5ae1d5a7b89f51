{# A score as a share of its scale, 0 worst and 1 best; for display and thresholds, never for mixing instruments. #}
{% macro score_share(score, scale_min, scale_max, higher_is_better) -%}
    cast(round(cast(
        case
            when {{ higher_is_better }} then ({{ score }} - {{ scale_min }}) / nullif({{ scale_max }} - {{ scale_min }}, 0)
            else ({{ scale_max }} - {{ score }}) / nullif({{ scale_max }} - {{ scale_min }}, 0)
        end as decimal(28, 9)
    ), 4) as decimal(18, 4))
{%- endmacro %}
