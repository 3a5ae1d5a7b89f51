{# Names of identity nodes; null in, null out. Loyalty, e-mail and phone nodes are shared by all sources of a brand. #}

{% macro customer_node(source, customer_ref) -%}
    {{ source }} || '/customer/' || {{ customer_ref }}
{%- endmacro %}

{% macro contact_node(source, contact_id) -%}
    {{ source }} || '/contact/' || {{ contact_id }}
{%- endmacro %}

{% macro identifier_node(kind, value) -%}
    '{{ kind }}/' || cast({{ value }} as text)
{%- endmacro %}
