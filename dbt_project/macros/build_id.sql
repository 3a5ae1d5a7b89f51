{# The build this run belongs to; every read of raw, ops and identity is filtered on it. #}
{% macro build_id() -%}
    {{ var('build_id') | int }}
{%- endmacro %}
