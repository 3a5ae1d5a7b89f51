{# Interpolated percentile of durations in seconds, as hours; null below `min_cell` known durations. #}
{% macro percentile_hours(seconds, share) -%}
{%- set durations = 'cast(' ~ seconds ~ ' as ' ~ double_type() ~ ')' -%}
{{ published(
    'percentile_cont(' ~ share ~ ') within group (order by ' ~ durations ~ ') / 3600', 'count(' ~ seconds ~ ')'
) }}
{%- endmacro %}
