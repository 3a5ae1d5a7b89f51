{# The configured schema is the schema: no prefix by target, because the publisher swaps whole schemas by name. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
