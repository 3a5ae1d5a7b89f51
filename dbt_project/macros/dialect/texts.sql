{# Text compared byte by byte, so that every engine and locale sorts alike. #}
{% macro byte_order(expression) -%}{{ return(adapter.dispatch('byte_order')(expression)) }}{%- endmacro %}
{% macro default__byte_order(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}
