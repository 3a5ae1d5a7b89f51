{# Touchpoints of an episode's rows (step, steps, touchpoint_code) in order, the first `journey_path_steps`; … stands for more. #}
{% macro journey_path() -%}
max(case when step = 1 then coalesce(touchpoint_code, 'untyped') end)
        {%- for number in range(2, (var('journey_path_steps') | int) + 1) %}
        || coalesce(' > ' || max(case when step = {{ number }} then coalesce(touchpoint_code, 'untyped') end), '')
        {%- endfor %}
        || case when max(steps) > {{ var('journey_path_steps') }} then ' > …' else '' end
{%- endmacro %}
