{# Fresh statistics: the next model joins this table minutes before any background job would look at it.
   A by_key table is analysed where it is made; a day's changes do not move its statistics. #}
{% macro analyze_table(relation) -%}{{ return(adapter.dispatch('analyze_table')(relation)) }}{%- endmacro %}
{% macro default__analyze_table(relation) -%}
    {%- if model.config.materialized != 'by_key' %}analyze {{ relation }}{% endif -%}
{%- endmacro %}

{# Text compared byte by byte, so that every engine and locale sorts alike. #}
{% macro byte_order(expression) -%}{{ return(adapter.dispatch('byte_order')(expression)) }}{%- endmacro %}
{% macro default__byte_order(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}
