{# Within a group, the first value that is not null in the given order. #}
{% macro first_known(expression, order_by) -%}{{ return(adapter.dispatch('first_known')(expression, order_by)) }}{%- endmacro %}
{% macro default__first_known(expression, order_by) -%}
    (array_agg({{ expression }} order by {{ order_by }}) filter (where {{ expression }} is not null))[1]
{%- endmacro %}

{# Within a group, texts in the given order, one after the other; null where there is none. #}
{% macro listed(expression, order_by) -%}{{ return(adapter.dispatch('listed')(expression, order_by)) }}{%- endmacro %}
{% macro default__listed(expression, order_by) -%}
    string_agg({{ expression }}, ', ' order by {{ order_by }})
{%- endmacro %}
